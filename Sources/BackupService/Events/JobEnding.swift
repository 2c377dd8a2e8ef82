// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// How a job has ended, read off what its last transaction has changed.
struct JobEnding: Sendable, Equatable {
    let succeeded: Bool
    let failReason: String?

    /// nil unless the change of this backup from `before` is the end of a job. A backup that is cancelled goes on as a
    /// deletion, so that is none.
    init?(of backup: BackupRecord, from before: BackupStatus?, in changes: [CatalogChange]) {
        guard let before, before.hasJob, !backup.status.hasJob else { return nil }
        switch before {
        case .restoring:
            // The backup is as it was; the volume tells.
            let volume = changes.lazy.compactMap { $0.volume(backup.restoreVolumeID) }.last
            succeeded = volume?.status == .available
            failReason = volume?.failReason
        case .deleting:
            succeeded = backup.status == .deleted
            failReason = succeeded ? nil : backup.failReason
        default:
            succeeded = backup.status == .available
            failReason = backup.failReason
        }
    }
}

extension BackupStatus {
    /// True while a job runs or waits.
    var hasJob: Bool {
        switch self {
        case .creating, .restoring, .deleting: true
        case .available, .error, .errorDeleting, .deleted: false
        }
    }
}

extension CatalogChange {
    fileprivate func volume(_ id: ResourceID?) -> VolumeRecord? {
        guard case .volume(let volume, _) = self, volume.id == id else { return nil }
        return volume
    }
}
