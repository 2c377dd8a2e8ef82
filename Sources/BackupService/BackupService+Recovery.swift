// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Logging

extension BackupService {
    /// Refuses a repository that holds nothing while the catalog knows backups in it: its disk is not mounted, and
    /// deletions would succeed without deleting anything.
    package func checkRepository(_ path: String, isEmpty: Bool) throws {
        var query = BackupQuery()
        query.status = .available
        let count = try catalog.backupCount(query)
        guard isEmpty, count > 0 else { return }
        throw ServiceHostError.emptyRepository(path, backups: count)
    }

    /// Brings what an earlier run has left to a clean end, and puts the jobs that had not begun back into the
    /// line. Called once, before anything else.
    package func recover() throws {
        let recovery = try catalog.recover()
        for record in recovery.interruptedBackups { try endInterrupted(record) }
        for record in recovery.interruptedRestores {
            context.logger.warning("Restore was interrupted", metadata: ["backup_id": "\(record.id)"])
            context.record(.restoreError, record.id, reason: "interrupted")
        }
        feed.begin(with: try catalog.backupsWithJobs())
        for record in recovery.waiting { submit(record) }
        try resumeInspections()
    }

    private func endInterrupted(_ record: BackupRecord) throws {
        var reason = "interrupted: the daemon did not run to the end of this backup"
        do {
            try DeletionJob(context: context, id: record.id).removeObjects()
        } catch {
            reason += "; its objects could not be removed: \(error)"
        }
        _ = try catalog.failBackup(record.id, reason: reason)
        context.record(.createError, record.id, reason: reason)
        context.logger.warning(
            "Backup was interrupted", metadata: ["backup_id": "\(record.id)", "reason": "\(reason)"])
    }
}
