// SPDX-License-Identifier: Apache-2.0

/// How hard to pack, in words that mean something for every algorithm.
///
/// | level  | zlib          | bz2 | zstd |
/// |--------|---------------|-----|------|
/// | fast   | ISA-L level 1 | 1   | 1    |
/// | normal | ISA-L level 1 | 9   | 1    |
/// | best   | zlib level 9  | 9   | 12   |
///
/// Cinder writes zlib 6, bz2 9 and zstd 3; it reads all of these. Text and programs are 8 % longer as zstd 1 than as
/// zstd 3, which takes half as long again. A bz2 level is the block size in 100 kB: 1 is a
/// little faster, 9 packs tighter. For zlib and zstd `best` takes about ten times as long as `normal`; zstd goes on to
/// 22, at a fraction of even that speed, for a few percent.
package enum CompressionLevel: String, Sendable, CaseIterable {
    case fast
    case normal
    case best

    /// nil: ISA-L, which packs about as tightly as zlib's level 1 to 3 and many times faster.
    var zlibLevel: Int32? {
        switch self {
        case .fast, .normal: nil
        case .best: 9
        }
    }

    var bz2Level: Int32 {
        switch self {
        case .fast: 1
        case .normal, .best: 9
        }
    }

    var zstdLevel: Int32 {
        switch self {
        case .fast, .normal: 1
        case .best: 12
        }
    }
}
