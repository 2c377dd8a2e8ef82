// SPDX-License-Identifier: Apache-2.0

/// What a sha256file says beside its digests. The list holds one digest per block of the whole volume, in
/// volume order; the last block is hashed at its real, possibly short, length.
package struct DigestList: Sendable, Equatable {
    package var backupID: String
    package var volumeID: String
    package var backupName: String?
    package var backupDescription: String?
    package var createdAt: String
    /// Bytes per block: the member that the format calls `chunk_size`.
    package var blockBytes: Int
}

extension DigestList {
    package init(describing metadata: BackupMetadata, blockBytes: Int) {
        backupID = metadata.backupID
        volumeID = metadata.volumeID
        backupName = metadata.backupName
        backupDescription = metadata.backupDescription
        createdAt = metadata.createdAt
        self.blockBytes = blockBytes
    }

    /// Reads a sha256file as a stream; `digest` gets each digest in order.
    /// - Throws: as `DigestListReader`, and what `digest` throws.
    package init(from json: JSONReader, digest: (SHA256Digest) throws -> Void) throws {
        let reader = try DigestListReader(json)
        while let next = try reader.next() { try digest(next) }
        self = try reader.finish()
    }
}
