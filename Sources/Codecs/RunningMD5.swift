// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CMD5

/// The MD5 of a message that comes piece by piece. Several go forward together (``updateMD5s(_:with:)``): up to
/// four of them take hardly more time than one.
package struct RunningMD5: BitwiseCopyable, Sendable {
    fileprivate var state: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    /// What has come of a block that is not whole.
    private var rest = InlineArray<64, UInt8>(repeating: 0)
    private var restCount = 0
    private var byteCount: UInt64 = 0

    fileprivate static let blockBytes = 64

    package init() {
        withUnsafeMutableBytes(of: &state) { cmd5_begin($0.assumingMemoryBound(to: UInt32.self).baseAddress) }
    }

    /// The digest of all bytes so far.
    package func finish() -> MD5Digest {
        // RFC 1321, sections 3.1 and 3.2: a bit, zeros, and the length in bits fill the last block.
        var padding = [UInt8](repeating: 0, count: (restCount < 56 ? 56 : 120) - restCount)
        padding[0] = 0x80
        withUnsafeBytes(of: (byteCount &* 8).littleEndian) { padding.append(contentsOf: $0) }
        var all = [self]
        padding.withUnsafeBytes { updateMD5s(&all, with: [$0]) }
        let words = all[0].state
        let littleEndian = (words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian)
        return withUnsafeBytes(of: littleEndian) { MD5Digest(bytes: $0) }
    }

    /// Completes the block that has begun, as far as `input` goes; answers what is left of it.
    fileprivate mutating func completeRest(from input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        byteCount &+= UInt64(input.count)
        guard restCount > 0 else { return input }
        let count = min(Self.blockBytes - restCount, input.count)
        keep(input.prefix(count))
        if restCount == Self.blockBytes {
            restCount = 0
            withUnsafeBytes(of: rest) { block in
                var lane = lane(over: block)
                cmd5_update(&lane, 1)
                state = lane.state
            }
        }
        return UnsafeRawBufferPointer(rebasing: input.dropFirst(count))
    }

    /// Keeps bytes of a block that is not whole.
    fileprivate mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        for byte in bytes {
            rest[restCount] = byte
            restCount += 1
        }
    }

    /// A lane that goes on from here over the whole blocks of `input`.
    fileprivate func lane(over input: UnsafeRawBufferPointer) -> cmd5_lane {
        cmd5_lane(
            state: state, bytes: input.baseAddress?.assumingMemoryBound(to: UInt8.self),
            blocks: input.count / Self.blockBytes)
    }
}

/// Takes each running MD5 forward over the input of the same index.
package func updateMD5s(_ running: inout [RunningMD5], with inputs: [UnsafeRawBufferPointer]) {
    precondition(running.count == inputs.count)
    let inputs = inputs.indices.map { running[$0].completeRest(from: inputs[$0]) }
    var lanes = inputs.indices.map { running[$0].lane(over: inputs[$0]) }
    cmd5_update(&lanes, lanes.count)
    for (index, input) in inputs.enumerated() {
        running[index].state = lanes[index].state
        running[index].keep(input.suffix(input.count % RunningMD5.blockBytes))
    }
}

/// The MD5 of each input, in order.
package func md5Digests(of inputs: [UnsafeRawBufferPointer]) -> [MD5Digest] {
    var running = [RunningMD5](repeating: RunningMD5(), count: inputs.count)
    updateMD5s(&running, with: inputs)
    return running.map { $0.finish() }
}

package func md5Digest(of input: UnsafeRawBufferPointer) -> MD5Digest {
    var running = [RunningMD5()]
    updateMD5s(&running, with: [input])
    return running[0].finish()
}
