// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CBzip2

/// libbz2: one stream per object. Its contexts (up to 7.6 MB) cannot be reset, so each call makes its own.
final class Bzip2Compressor: OneShotCompressor {
    private let level: Int32

    init(level: Int32) { self.level = level }

    func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int? {
        var stream = bz_stream()
        return try withUnsafeMutablePointer(to: &stream) { stream in
            let status = BZ2_bzCompressInit(stream, level, 0, 0)
            guard status == BZ_OK else {
                throw status == BZ_MEM_ERROR
                    ? CodecError.outOfMemory(.bz2) : .libraryFailed(.bz2, reason: "BZ2_bzCompressInit: \(status)")
            }
            defer { BZ2_bzCompressEnd(stream) }
            return try pack(input, into: output, with: stream)
        }
    }

    private func pack(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
        with stream: UnsafeMutablePointer<bz_stream>
    ) throws -> Int? {
        try input.withBytes { inputBytes, inputCount in
            try output.withBytes { outputBytes, outputCount in
                inputBytes.withMemoryRebound(to: CChar.self, capacity: Int(inputCount)) {
                    (stream.pointee.next_in, stream.pointee.avail_in) = ($0, inputCount)
                }
                outputBytes.withMemoryRebound(to: CChar.self, capacity: Int(outputCount)) {
                    (stream.pointee.next_out, stream.pointee.avail_out) = ($0, outputCount)
                }
                let status = BZ2_bzCompress(stream, BZ_FINISH)
                switch status {
                case BZ_STREAM_END: return Int(outputCount - stream.pointee.avail_out)
                case BZ_FINISH_OK: return nil
                default: throw CodecError.libraryFailed(.bz2, reason: "BZ2_bzCompress: \(status)")
                }
            }
        }
    }
}
