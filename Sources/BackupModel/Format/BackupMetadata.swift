// SPDX-License-Identifier: Apache-2.0

/// What a backup's metadata object says beside its list of objects (docs/format.md, "The metadata object").
package struct BackupMetadata: Sendable, Equatable {
    package static let version = "1.0.0"

    package var backupID: String
    package var volumeID: String
    package var backupName: String?
    package var backupDescription: String?
    package var createdAt: String
    package var parentID: String?
    /// JSON text about the volume (`VolumeMeta`), or nil.
    package var volumeMeta: String?
    /// Exact length of the volume: a key of ours, which Cinder ignores. nil in a backup of Cinder's.
    package var sizeBytes: Int64?
    /// SHA-256 of the bytes of the sha256file. This and what follows are ours, too.
    package var listDigest: SHA256Digest?
    /// The catalog that the backup was made by.
    package var writer: String?

    package init(
        backupID: String, volumeID: String, backupName: String? = nil, backupDescription: String? = nil,
        createdAt: String, parentID: String? = nil, volumeMeta: String? = nil, sizeBytes: Int64? = nil,
        listDigest: SHA256Digest? = nil, writer: String? = nil
    ) {
        self.backupID = backupID
        self.volumeID = volumeID
        self.backupName = backupName
        self.backupDescription = backupDescription
        self.createdAt = createdAt
        self.parentID = parentID
        self.volumeMeta = volumeMeta
        self.sizeBytes = sizeBytes
        self.listDigest = listDigest
        self.writer = writer
    }
}
