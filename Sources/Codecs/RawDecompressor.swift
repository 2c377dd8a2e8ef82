// SPDX-License-Identifier: Apache-2.0

/// `none`: copies.
final class RawDecompressor: Decompressor {
    let isFinished = false

    func decompress(_ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(input.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input.prefix(count)))
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(count))
        return count
    }

    func finish() {}

    func reset() {}
}
