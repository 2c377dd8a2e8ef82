// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension BackupService {
    /// Asks for the deletion of a backup. One that is being created is cancelled: the row is `deleting` when
    /// this returns, its job meets that at its next poll and removes what it has written.
    package func deleteBackup(_ id: ResourceID) throws {
        let before = try catalog.requestDeletion(id)
        switch before.status {
        case .deleting: return  // somebody has asked for it already
        case .creating where scheduler.withdraw(id, number: before.jobNumber) && before.prefix == nil:
            // Nothing has begun, so there is nothing to wait for.
            try catalog.finishDeletion(id)
            context.record(.deleteEnd, id)
        case .creating where scheduler.cancelRunning(id, number: before.jobNumber): return  // its job does the rest
        default: submitDeletion(of: id)
        }
    }

    /// Sets a status by hand; `available` as soon as the objects have been found. On a backup that is being restored,
    /// whatever the status: cancels the restore.
    package func resetBackup(_ id: ResourceID, to status: BackupStatus) throws {
        let record = try catalog.backup(id)
        if record.status == .restoring {
            let after = try catalog.cancelRestore(id)
            // One that had not begun has ended; its job will find nothing to do.
            if after.status == .restoring { scheduler.cancelRunning(id, number: after.jobNumber) }
            return
        }
        if status == .available, record.status != .creating, record.status != .deleting {
            return try makeAvailable(id)
        }
        try catalog.resetBackupStatus(id, to: status)
    }
}
