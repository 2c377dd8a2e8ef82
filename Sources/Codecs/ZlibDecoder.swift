// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CZlib

/// One zlib stream (RFC 1950); bytes after it are ignored, as Cinder does. A .gz wrapper and raw deflate are refused.
///
/// By zlib, not by ISA-L: fuzzed against each other, ISA-L 2.30 accepts damaged Huffman tables that zlib refuses, and
/// waits for more input where zlib sees the damage. What Cinder cannot restore must not pass here.
final class ZlibDecoder: StreamDecoder {
    let algorithm = CompressionAlgorithm.zlib
    private(set) var isFinished = false
    /// On the heap because zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw status == Z_MEM_ERROR
                ? CodecError.outOfMemory(.zlib) : .libraryFailed(.zlib, reason: "inflateInit: \(status)")
        }
    }

    /// Also runs when `init` throws: zlib refuses to end what it has not begun.
    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> StreamStep {
        guard !isFinished else { return .ignoring(input) }
        let (status, step) = inflate(input, into: output)
        switch status {
        case Z_STREAM_END: isFinished = true
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory(.zlib)
        case Z_NEED_DICT: throw .corrupt(.zlib, reason: "needs a dictionary")
        default: throw .corrupt(.zlib, reason: stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)")
        }
        return step
    }

    private func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> (status: Int32, step: StreamStep) {
        input.withBytes { inputBytes, inputCount in
            output.withBytes { outputBytes, outputCount in
                (stream.pointee.next_in, stream.pointee.avail_in) = (inputBytes, inputCount)
                (stream.pointee.next_out, stream.pointee.avail_out) = (outputBytes, outputCount)
                let status = CZlib.inflate(stream, Z_NO_FLUSH)
                let consumed = Int(inputCount - stream.pointee.avail_in)
                return (status, StreamStep(consumed: consumed, written: Int(outputCount - stream.pointee.avail_out)))
            }
        }
    }

    func reset() {
        inflateReset(stream)
        isFinished = false
    }
}
