// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CBzip2

/// libbz2: one stream per object. Its contexts (up to 7.6 MB) cannot be reset, so each call makes its own.
final class Bzip2Compressor: OneShotCompressor {
    private let level: Int32

    init(level: Int32) { self.level = level }

    /// One call of the library takes seconds for a chunk of noise, so the input goes in by pieces, with a look
    /// at `isAbandoned` before each.
    private static let pieceBytes: UInt32 = 256 << 10

    func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isAbandoned: () -> Bool
    ) throws -> Int? {
        var stream = bz_stream()
        return try withUnsafeMutablePointer(to: &stream) { stream in
            let status = BZ2_bzCompressInit(stream, level, 0, 0)
            guard status == BZ_OK else {
                throw status == BZ_MEM_ERROR
                    ? CodecError.outOfMemory(.bz2) : .libraryFailed(.bz2, reason: "BZ2_bzCompressInit: \(status)")
            }
            defer { BZ2_bzCompressEnd(stream) }
            return try pack(input, into: output, with: stream, isAbandoned)
        }
    }

    private func pack(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
        with stream: UnsafeMutablePointer<bz_stream>, _ isAbandoned: () -> Bool
    ) throws -> Int? {
        try input.withBytes { inputBytes, inputCount in
            try output.withBytes { outputBytes, outputCount in
                inputBytes.withMemoryRebound(to: CChar.self, capacity: Int(inputCount)) { stream.pointee.next_in = $0 }
                outputBytes.withMemoryRebound(to: CChar.self, capacity: Int(outputCount)) {
                    (stream.pointee.next_out, stream.pointee.avail_out) = ($0, outputCount)
                }
                var rest = inputCount
                while true {
                    if isAbandoned() { throw CodecError.abandoned }
                    let piece = min(rest, Self.pieceBytes)
                    rest -= piece
                    stream.pointee.avail_in = piece
                    let status = BZ2_bzCompress(stream, rest == 0 ? BZ_FINISH : BZ_RUN)
                    switch status {
                    case BZ_STREAM_END: return Int(outputCount - stream.pointee.avail_out)
                    case BZ_FINISH_OK: return nil
                    case BZ_RUN_OK: if stream.pointee.avail_out == 0 { return nil }
                    default: throw CodecError.libraryFailed(.bz2, reason: "BZ2_bzCompress: \(status)")
                    }
                }
            }
        }
    }
}
