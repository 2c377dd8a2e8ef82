// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel

extension BackupService {
    /// Asks for the deletion of a backup. One that is being created is cancelled: the row is `deleting` when
    /// this returns, its job meets that at its next poll and removes what it has written.
    /// - Parameter isForced: whether an `available` backup of which nothing is found may go.
    package func deleteBackup(_ id: ResourceID, isForced: Bool = false) throws {
        let before = try requestDeletion(of: id, isForced)
        if before.status == .deleting { return }  // somebody has asked for it already
        if before.status == .creating {
            if scheduler.withdraw(id, number: before.jobNumber), before.prefix == nil {
                // Nothing has begun, so there is nothing to wait for.
                try catalog.finishDeletion(id)
                return context.record(.deleteEnd, id)
            }
            if scheduler.cancelRunning(id, number: before.jobNumber) { return }  // its job does the rest
        }
        submitDeletion(of: id)
    }

    /// A backup that is being made can always be cancelled; others are deleted from the repository that they are in.
    private func requestDeletion(of id: ResourceID, _ isForced: Bool) throws -> BackupRecord {
        do {
            try repository.requireForDeletion()
        } catch let error as RepositoryError {
            do {
                return try catalog.requestDeletion(id, onlyWhileCreating: true)
            } catch CatalogError.invalidStatus { throw error }
        }
        try noteFailedDependents(of: id)
        return try catalog.requestDeletion(
            id, isForced: isForced, minimumAge: context.settings.minimumAge)
    }

    /// A child in `error` counts as long as its metadata object may be there.
    private func noteFailedDependents(of id: ResourceID) throws {
        for child in try catalog.failedDependents(of: id) {
            if try !hasMetadata(child) { try context.catalog.noteNoMetadata(child.id) }
        }
    }

    private func hasMetadata(_ record: BackupRecord) throws -> Bool {
        guard let location = context.location(of: record) else { return false }
        let engine = context.engine
        do {
            return try patience.insist("the repository", within: .seconds(5)) { try engine.hasMetadata(at: location) }
        } catch let error as NoAnswer {
            throw ServiceError.noAnswer(error.subject)
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
        try catalog.resetBackupStatus(id, to: status, minimumAge: context.settings.minimumAge)
    }
}
