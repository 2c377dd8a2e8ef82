// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// MD5 of an object, piece by piece. Reusable; not shared between threads.
package final class MD5Hasher {
    private let context: DigestContext

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    package init() throws { context = try DigestContext(.md5) }

    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// The digest of all bytes since the start or the last `finish()`; the next ones begin another object.
    package func finish() -> MD5Digest { context.finish { MD5Digest(bytes: $0) } }
}
