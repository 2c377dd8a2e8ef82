// SPDX-License-Identifier: Apache-2.0
@testable import HTTPServer

/// What strangers send to the server: whatever it is, the parser neither traps nor reads it in two ways. The first byte
/// says where the rest is cut in two; what comes of the pieces must be what comes of the whole.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let first = input.first else { return 0 }
    let stream = input.dropFirst()
    let cut = stream.startIndex + stream.count * Int(first) / 256
    guard steps([stream]) == steps([stream[..<cut], stream[cut...]]) else { fatalError("cutting changes the meaning") }
    return 0
}

private func steps(_ pieces: [ArraySlice<UInt8>]) -> [RequestParser.Step] {
    var parser = RequestParser(limits: Limits())
    var steps: [RequestParser.Step] = []
    for piece in pieces {
        parser.append(piece)
        reading: while true {
            let step = parser.next()
            switch step {
            case .needsMore: break reading
            case .refused:
                if steps.last != step { steps.append(step) }
                break reading
            default: steps.append(step)
            }
        }
    }
    return steps
}
