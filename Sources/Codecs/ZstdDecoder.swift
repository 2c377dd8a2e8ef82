// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CZstd

/// zstd frames (RFC 8878), one after the other; anything else after a frame is an error. Cinder writes one frame;
/// python-zstd 1.5.7 reads several.
final class ZstdDecoder: StreamDecoder {
    /// A frame may ask for a window, which is memory outside of the pool, of 8 MiB. Level 19 asks for no more.
    private static let maximumWindowLog: Int32 = 23

    private enum State {
        case beforeFirstFrame
        case inFrame
        case afterFrame
    }

    let algorithm = CompressionAlgorithm.zstd
    private var state = State.beforeFirstFrame
    /// The last step filled its output: the library may have more without more input.
    private var mayHoldOutput = false
    private let context: OpaquePointer

    var isFinished: Bool { state == .afterFrame }

    init() throws {
        guard let context = ZSTD_createDCtx() else { throw CodecError.outOfMemory(.zstd) }
        self.context = context
        let status = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
        guard ZSTD_isError(status) == 0 else {
            throw CodecError.libraryFailed(.zstd, reason: String(cString: ZSTD_getErrorName(status)))
        }
    }

    deinit { ZSTD_freeDCtx(context) }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> StreamStep {
        // The library takes many calls in vain for an error.
        guard !input.isEmpty || mayHoldOutput else { return StreamStep() }
        try checkFrameStart(input)

        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let hint = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(hint) == 0 else { throw Self.error(hint) }

        if hint == 0 {
            state = .afterFrame
        } else if source.pos > 0 {
            state = .inFrame
        }
        mayHoldOutput = target.pos == target.size
        return StreamStep(consumed: source.pos, written: target.pos)
    }

    /// RFC 8878 §3.1: a frame's magic number begins with 28, a skippable frame's with 50 to 5F. Looked at here because
    /// the library also reads the formats before zstd 0.8, whose old decoders nobody needs.
    private func checkFrameStart(_ input: UnsafeRawBufferPointer) throws(CodecError) {
        guard state != .inFrame, let first = input.first, first != 0x28, !(0x50...0x5F).contains(first) else { return }
        throw .corrupt(.zstd, reason: "not a zstd frame")
    }

    private static func error(_ status: Int) -> CodecError {
        ZSTD_getErrorCode(status) == ZSTD_error_memory_allocation
            ? .outOfMemory(.zstd) : .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(status)))
    }

    func reset() {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        state = .beforeFirstFrame
        mayHoldOutput = false
    }
}
