// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CZlib

/// zlib's own deflate, for the level that ISA-L does not have.
final class ZlibCompressor: OneShotCompressor {
    /// On the heap because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int32) throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit_(stream, level, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw status == Z_MEM_ERROR
                ? CodecError.outOfMemory(.zlib) : .libraryFailed(.zlib, reason: "deflateInit: \(status)")
        }
    }

    /// Also runs when `init` throws: zlib refuses to end what it has not begun.
    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isAbandoned: () -> Bool
    ) throws -> Int? {
        deflateReset(stream)
        let status = input.withBytes { inputBytes, inputCount in
            output.withBytes { outputBytes, outputCount in
                (stream.pointee.next_in, stream.pointee.avail_in) = (inputBytes, inputCount)
                (stream.pointee.next_out, stream.pointee.avail_out) = (outputBytes, outputCount)
                return deflate(stream, Z_FINISH)
            }
        }
        switch status {
        case Z_STREAM_END: return Int(stream.pointee.total_out)
        case Z_OK, Z_BUF_ERROR: return nil
        default: throw CodecError.libraryFailed(.zlib, reason: "deflate: \(status)")
        }
    }
}
