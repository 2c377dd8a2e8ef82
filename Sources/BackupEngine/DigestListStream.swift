// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// A sha256file on its way to the store: its bytes are counted and hashed as they go.
final class DigestListStream {
    private let object: any ObjectStorage.ObjectStream
    private let hash: RunningSHA256
    private(set) var length: Int64 = 0

    init(_ object: any ObjectStorage.ObjectStream) throws {
        self.object = object
        hash = try RunningSHA256()
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try object.append(bytes)
        hash.update(bytes)
        length += Int64(bytes.count)
    }

    /// The SHA-256 of all bytes.
    func finish() throws -> SHA256Digest {
        try object.finish()
        return hash.finish()
    }
}
