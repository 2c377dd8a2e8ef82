// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CZstd

/// libzstd: exactly one frame per object, with the content size in its header, which Cinder's older python-zstd cannot
/// do without, and a checksum, which it verifies: Cinder itself checks nothing on restore.
final class ZstdCompressor: OneShotCompressor {
    private let context: OpaquePointer

    init(level: Int32) throws {
        guard let context = ZSTD_createCCtx() else { throw CodecError.outOfMemory(.zstd) }
        self.context = context
        try set(ZSTD_c_compressionLevel, to: level)
        try set(ZSTD_c_contentSizeFlag, to: 1)
        try set(ZSTD_c_checksumFlag, to: 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    private func set(_ parameter: ZSTD_cParameter, to value: Int32) throws {
        let status = ZSTD_CCtx_setParameter(context, parameter, value)
        guard ZSTD_isError(status) == 0 else {
            throw CodecError.libraryFailed(.zstd, reason: String(cString: ZSTD_getErrorName(status)))
        }
    }

    /// The content size needs no pledge: `ZSTD_compress2` has all of the input and pledges its length.
    func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isAbandoned: () -> Bool
    ) throws -> Int? {
        let packed = ZSTD_compress2(context, output.baseAddress, output.count, input.baseAddress, input.count)
        guard ZSTD_isError(packed) != 0 else { return packed }
        switch ZSTD_getErrorCode(packed) {
        case ZSTD_error_dstSize_tooSmall: return nil
        case ZSTD_error_memory_allocation: throw CodecError.outOfMemory(.zstd)
        default: throw CodecError.libraryFailed(.zstd, reason: String(cString: ZSTD_getErrorName(packed)))
        }
    }
}
