// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes
import Posix

@testable import BackupService

/// What clients ask for: whatever the path, the query and the body are, reading them neither traps nor ends in a 5xx,
/// and JSON that was read is the same after it was written. An input is `POST /backups`, a newline, and the body.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let lineEnd = input.firstIndex(of: UInt8(ascii: "\n")) ?? input.endIndex
    let words = input[..<lineEnd].split(separator: UInt8(ascii: " "), maxSplits: 1)
    let body = Array(input[lineEnd...].dropFirst())
    checkWriting(of: body)
    guard words.count == 2, let method = HTTPRequest.Method(String(decoding: words[0], as: UTF8.self)) else { return 0 }
    let request = Request(
        method: method, target: String(decoding: words[1], as: UTF8.self),
        headers: [.contentType: "application/json"], body: body, peer: .tcp(address: "127.0.0.1:1"), id: "req-fuzz")
    do {
        let destination = try Route(path: request.path).destination(of: method)
        _ = try destination.read(request, .maximum)
    } catch {
        let fault = Fault(error)
        guard (400..<500).contains(fault.status) else { fatalError("\(fault.status): \(error)") }
    }
    return 0
}

private func checkWriting(of text: [UInt8]) {
    guard let value = try? JSONValue(parsing: text) else { return }
    guard let again = try? JSONValue(parsing: value.utf8), again == value else { fatalError("written otherwise") }
}
