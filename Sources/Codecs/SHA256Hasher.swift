// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// SHA-256 of blocks, one call each. Reusable; not shared between threads.
package final class SHA256Hasher {
    private let context: DigestContext

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    package init() throws { context = try DigestContext(.sha256) }

    package func digest(of bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        context.update(bytes)
        return context.finish { SHA256Digest(bytes: $0) }
    }
}
