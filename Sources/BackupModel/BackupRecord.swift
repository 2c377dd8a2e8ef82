// SPDX-License-Identifier: Apache-2.0

/// One row of the backup table: what Cinder keeps of a backup, and what a job needs to go on with it.
package struct BackupRecord: Sendable, Equatable {
    package var id: ResourceID
    package var volumeID: ResourceID
    /// The backup that this one is an increment on; nil for a full one.
    package var parentID: ResourceID?
    package var status: BackupStatus
    /// The container of all objects of this backup; nil until a worker has chosen it.
    package var container: String?
    /// The prefix (`service_metadata`): what all object names of this backup begin with; nil until chosen.
    package var prefix: String?
    /// Data objects, without the metadata and the sha256file.
    package var objectCount: Int
    /// Whole GiB, rounded up, at least 1: Cinder's unit.
    package var sizeGiB: Int
    /// Exact length of the volume; nil for a record of Cinder's that nobody has measured yet.
    package var sizeBytes: Int64?
    /// Bytes of the data objects as stored; nil where unknown.
    package var storedBytes: Int64?
    /// The configured algorithm's name; nil for an imported record.
    package var compression: String?

    package var name: String?
    package var details: String?
    package var userMetadata: [String: String]
    package var failReason: String?
    /// A remark that is no failure, e.g. why a backup asked for as incremental is full.
    package var remark: String?
    /// The class name of Cinder's driver that reads these objects.
    package var service: String
    package var host: String?
    package var availabilityZone: String?
    package var userID: String
    package var projectID: String
    package var snapshotID: String?
    package var encryptionKeyID: String?
    /// Whether somebody has said that it is not to be deleted.
    package var isProtected: Bool

    package var createdAt: Timestamp
    package var updatedAt: Timestamp?
    package var deletedAt: Timestamp?
    /// When the saved data were current, as the clock said. Which backup is the newest is the catalog's to say.
    package var dataTimestamp: Timestamp

    /// The place of this backup's job in the queue; grows by one per job.
    package var jobNumber: Int64
    /// True once a worker has started on the job that `status` stands for.
    package var jobBegun: Bool
    /// The target of a restore; kept afterwards, as Cinder does.
    package var restoreVolumeID: ResourceID?
    /// True when a running restore is to stop at its next poll.
    package var restoreCancelled: Bool
    /// The status that a `deleting` backup had before.
    package var deletedFrom: BackupStatus?
    /// True while a deletion that finds nothing of the backup in the repository has failed: the repository may be another one.
    package var mustBeFound: Bool
    /// Whether the repository may hold the metadata object of a backup in `error`: then its children can be restored.
    package var mayHoldMetadata: Bool

    package init(
        id: ResourceID, volumeID: ResourceID, parentID: ResourceID? = nil, status: BackupStatus,
        sizeGiB: Int, createdAt: Timestamp
    ) {
        self.id = id
        self.volumeID = volumeID
        self.parentID = parentID
        self.status = status
        self.sizeGiB = sizeGiB
        self.createdAt = createdAt
        dataTimestamp = createdAt
        objectCount = 0
        userMetadata = [:]
        service = Self.posixService
        userID = Self.ownerID
        projectID = Self.ownerID
        isProtected = false
        jobNumber = 0
        jobBegun = false
        restoreCancelled = false
        mustBeFound = false
        mayHoldMetadata = true
    }

    /// Without the users' metadata, the one member that may be long: for those who keep many records. Not to be saved.
    package var withoutMetadata: BackupRecord {
        var record = self
        record.userMetadata = [:]
        return record
    }

    /// Cinder's class for repositories in a directory.
    package static let posixService = "cinder.backup.drivers.posix.PosixBackupDriver"

    /// The daemon has one owner; Cinder's record wants a user and a project of 32 hexadecimal digits.
    package static let ownerID = String(repeating: "0", count: 32)
}
