// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The SHA-256 of a text that comes in pieces. Not shared between threads.
package final class RunningSHA256 {
    private let context: DigestContext

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    package init() throws { context = try DigestContext(.sha256) }

    package func update(_ bytes: UnsafeRawBufferPointer) { context.update(bytes) }

    /// Of all pieces so far; starts over.
    package func finish() -> SHA256Digest { context.finish { SHA256Digest(bytes: $0) } }
}
