// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CBzip2

/// bz2 streams, one after the other; garbage after a complete stream is ignored. Cinder writes one stream and reads
/// with Python's `bz2.decompress`, which does the same.
///
/// One difference: Python also ignores a further stream that turns out to be damaged half-way. By then this decoder has
/// passed on bytes of it, so it reports the damage.
final class Bzip2Decoder: StreamDecoder {
    private enum State: Equatable {
        /// Before the first stream, or between two.
        case between
        /// In a stream that has given this many bytes; `stream` holds a context.
        case inStream(writtenBytes: Int)
        /// In the garbage after the last stream.
        case ignoringRest
    }

    let algorithm = CompressionAlgorithm.bz2
    private var state = State.between
    private var hasSeenEnd = false
    /// On the heap because libbz2 keeps a pointer to it.
    private let stream: UnsafeMutablePointer<bz_stream>

    var isFinished: Bool { hasSeenEnd && (state == .between || state == .ignoringRest) }

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        close()
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> StreamStep {
        switch state {
        case .ignoringRest: return .ignoring(input)
        case .between where input.isEmpty: return StreamStep()
        case .between:
            try open()
            return try unpack(input, into: output, writtenBefore: 0)
        case .inStream(let writtenBytes):
            return try unpack(input, into: output, writtenBefore: writtenBytes)
        }
    }

    private func open() throws(CodecError) {
        stream.pointee = bz_stream()
        let status = BZ2_bzDecompressInit(stream, 0, 0)
        guard status == BZ_OK else {
            throw status == BZ_MEM_ERROR
                ? .outOfMemory(.bz2) : .libraryFailed(.bz2, reason: "BZ2_bzDecompressInit: \(status)")
        }
        state = .inStream(writtenBytes: 0)
    }

    private func close() {
        if case .inStream = state { BZ2_bzDecompressEnd(stream) }
        state = .between
    }

    private func unpack(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, writtenBefore: Int
    ) throws(CodecError) -> StreamStep {
        let (status, step) = callLibrary(input, output)
        let writtenBytes = writtenBefore + step.written
        switch status {
        case BZ_OK:
            state = .inStream(writtenBytes: writtenBytes)
        case BZ_STREAM_END:
            close()
            hasSeenEnd = true
        case BZ_MEM_ERROR:
            throw .outOfMemory(.bz2)
        default:
            guard hasSeenEnd, writtenBytes == 0 else { throw .corrupt(.bz2, reason: Self.reason(of: status)) }
            close()
            state = .ignoringRest
            return .ignoring(input)
        }
        return step
    }

    private func callLibrary(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> (status: Int32, step: StreamStep) {
        input.withBytes { inputBytes, inputCount in
            output.withBytes { outputBytes, outputCount in
                inputBytes.withMemoryRebound(to: CChar.self, capacity: Int(inputCount)) {
                    (stream.pointee.next_in, stream.pointee.avail_in) = ($0, inputCount)
                }
                outputBytes.withMemoryRebound(to: CChar.self, capacity: Int(outputCount)) {
                    (stream.pointee.next_out, stream.pointee.avail_out) = ($0, outputCount)
                }
                let status = BZ2_bzDecompress(stream)
                let consumed = Int(inputCount - stream.pointee.avail_in)
                return (status, StreamStep(consumed: consumed, written: Int(outputCount - stream.pointee.avail_out)))
            }
        }
    }

    private static func reason(of status: Int32) -> String {
        switch status {
        case BZ_DATA_ERROR_MAGIC: "not a bz2 stream"
        case BZ_DATA_ERROR: "damaged block"
        default: "error \(status)"
        }
    }

    func reset() {
        close()
        hasSeenEnd = false
    }
}
