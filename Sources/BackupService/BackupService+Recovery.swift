// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Logging

extension BackupService {
    /// Brings what an earlier run has left to a clean end, and puts the jobs that had not begun back into the
    /// line. Called once, before anything else. Nothing of it waits for the repository.
    package func recover() throws {
        let recovery = try catalog.recover()
        for record in recovery.interruptedRestores {
            context.logger.warning("Restore was interrupted", metadata: ["backup_id": "\(record.id)"])
            context.record(.restoreError, record.id, reason: "interrupted")
        }
        feed.begin(with: try catalog.backupsWithJobs())
        for record in recovery.interruptedBackups { submitEnd(of: record) }
        for record in recovery.waiting { submit(record) }
        try resumeInspections()
    }

    /// What a backup that was interrupted has become is for the repository to tell, so it is a job.
    private func submitEnd(of record: BackupRecord) {
        let (context, id) = (self.context, record.id)
        scheduler.submit(id, number: record.jobNumber, .backup) {
            UnfinishedBackup(context: context, id: id, flag: $0).run()
        }
    }
}
