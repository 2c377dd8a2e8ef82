// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Packs whole objects, one call each. Contexts are reused from call to call, so a worker thread keeps one
/// compressor; threads do not share it.
///
/// The same input gives the same bytes, whatever was packed before.
package final class Compressor {
    /// The longest input of one call: the libraries count in 32 bits.
    package static let maximumInputBytes = Int(UInt32.max)

    /// nil for `none`, which packs nothing.
    private let codec: (any OneShotCompressor)?
    private let probe: IncompressibleProbe?

    /// - Throws: ``CodecError/outOfMemory(_:)``.
    package init(_ algorithm: CompressionAlgorithm, level: CompressionLevel = .normal) throws {
        codec =
            switch algorithm {
            case .none: nil
            case .zlib:
                if let zlibLevel = level.zlibLevel {
                    try ZlibCompressor(level: zlibLevel)
                } else {
                    try ISALCompressor()
                }
            case .bz2: Bzip2Compressor(level: level.bz2Level)
            case .zstd: try ZstdCompressor(level: level.zstdLevel)
            }
        probe = algorithm == .none ? nil : try IncompressibleProbe()
    }

    /// Packs all of `input` into `output` and returns the packed byte count, or nil when it does not fit.
    ///
    /// An object is only worth packing if it gets shorter, so pass at most `input.count - 1` bytes of output: nil then
    /// means "keep it raw". `none` never fits, and zstd wants about a dozen bytes more than it writes. What `output`
    /// holds after nil is undefined.
    ///
    /// - Parameter isAbandoned: Asked now and then by slow libraries; true ends the call with an error.
    /// - Throws: ``CodecError``: input too long, no memory, abandoned, or a failure of the library.
    package func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
        isAbandoned: () -> Bool = { false }
    ) throws -> Int? {
        guard input.count <= Self.maximumInputBytes else {
            throw CodecError.inputTooLong(byteCount: input.count, limit: Self.maximumInputBytes)
        }
        guard let codec, !output.isEmpty else { return nil }
        if let probe, input.count >= IncompressibleProbe.leastInputBytes, output.count < input.count,
            try probe.isIncompressible(input)
        {
            return nil
        }
        return try codec.compress(input, into: output, isAbandoned: isAbandoned)
    }
}
