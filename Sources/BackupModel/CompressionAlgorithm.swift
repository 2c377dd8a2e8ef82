// SPDX-License-Identifier: Apache-2.0

/// How the bytes of an object are packed.
package enum CompressionAlgorithm: String, Sendable, CaseIterable {
    case none
    case zlib
    case bz2
    case zstd

    /// The algorithm that Cinder's option `backup_compression_algorithm`, or an object's `compression`
    /// member, calls by this name; nil for a name nobody knows. Case does not matter.
    package init?(named name: String) {
        switch name.lowercased() {
        case "none", "off", "no": self = .none
        case "zlib", "gzip": self = .zlib
        case "bz2", "bzip2": self = .bz2
        case "zstd": self = .zstd
        default: return nil
        }
    }
}

/// An algorithm together with the name it was configured by: Cinder writes the configured name into the
/// metadata, so "gzip" stays "gzip" though both mean the zlib format (RFC 1950).
package struct Compression: Sendable, Hashable, CustomStringConvertible {
    package let algorithm: CompressionAlgorithm
    package let name: String

    package init?(named name: String) {
        guard let algorithm = CompressionAlgorithm(named: name) else { return nil }
        self.algorithm = algorithm
        self.name = algorithm == .none ? "none" : name.lowercased()
    }

    package init(_ algorithm: CompressionAlgorithm) {
        self.algorithm = algorithm
        self.name = algorithm.rawValue
    }

    package static let none = Compression(.none)

    package var description: String { name }
}
