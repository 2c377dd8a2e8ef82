// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel

extension BackupService {
    /// Asks for the deletion of a backup. One that is being created is cancelled: the row is `deleting` when
    /// this returns, its job meets that at its next poll and removes what it has written.
    package func deleteBackup(_ id: ResourceID) throws {
        let before = try catalog.requestDeletion(id)
        switch before.status {
        case .deleting: return  // somebody has asked for it already
        case .creating where !scheduler.withdraw(id) && scheduler.cancelRunning(id): return  // its job does the rest
        default: submit(try catalog.backup(id))
        }
    }

    /// Sets a status by hand. On a backup that is being restored, whatever the status: cancels the restore.
    package func resetBackup(_ id: ResourceID, to status: BackupStatus) throws {
        let record = try catalog.backup(id)
        if record.status == .restoring {
            try catalog.cancelRestore(id)
            if !scheduler.withdraw(id) { scheduler.cancelRunning(id) }
            return
        }
        if status == .available, record.status != .creating, record.status != .deleting {
            try checkMetadata(of: record)
        }
        try catalog.resetBackupStatus(id, to: status)
    }

    private func checkMetadata(of record: BackupRecord) throws {
        guard let location = context.location(of: record) else {
            throw ServiceError.metadataUnreadable(record.id, reason: "its record names no container or no prefix")
        }
        do {
            _ = try context.engine.readMetadata(location) { _ in }
        } catch {
            throw ServiceError.metadataUnreadable(record.id, reason: "\(error)")
        }
    }
}
