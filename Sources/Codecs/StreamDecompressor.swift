// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Drives a ``StreamDecoder``: repeats its steps, remembers its error, and stops a stream that goes nowhere.
final class StreamDecompressor: Decompressor {
    private let decoder: any StreamDecoder
    private var failure: CodecError?

    init(_ decoder: any StreamDecoder) { self.decoder = decoder }

    var isFinished: Bool { failure == nil && decoder.isFinished }

    func decompress(
        _ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int {
        if let failure { throw failure }
        do throws(CodecError) {
            return try fill(output, from: &input)
        } catch {
            failure = error
            throw error
        }
    }

    private func fill(
        _ output: UnsafeMutableRawBufferPointer, from input: inout UnsafeRawBufferPointer
    ) throws(CodecError) -> Int {
        var written = 0
        while written < output.count {
            let room = UnsafeMutableRawBufferPointer(rebasing: output.dropFirst(written))
            let step = try decoder.step(input, into: room)
            written += step.written
            input = UnsafeRawBufferPointer(rebasing: input.dropFirst(step.consumed))
            // With room left and nothing to read, nothing is held back either.
            if input.isEmpty && step.written < room.count { break }
            guard step.consumed > 0 || step.written > 0 else {
                throw .corrupt(decoder.algorithm, reason: "the stream makes no progress")
            }
        }
        return written
    }

    func finish() throws(CodecError) {
        if let failure { throw failure }
        guard decoder.isFinished else { throw .truncated(decoder.algorithm) }
    }

    func reset() {
        failure = nil
        decoder.reset()
    }
}
