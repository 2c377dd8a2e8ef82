// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Brings a backup to its end that did not report one itself, while its row says `creating`: it is complete all the same,
/// or it has failed. What is complete is never removed.
struct UnfinishedBackup {
    let context: JobContext
    let id: ResourceID
    let flag: JobFlag

    /// Ends what an earlier run has left.
    func run() {
        do {
            guard let status = try context.settle(flag, { try context.catalog.status(ofBackup: id) }) else { return }
            guard status == .creating else { return DeletionJob(context: context, id: id).run(flag) }
            try end("interrupted: the daemon did not run to the end of this backup") { record in
                // The names of a catalog from an earlier state may be those of backups that it does not know.
                if !context.claim.isRolledBack { try DeletionJob(context: context, id: id).removeObjects(of: record) }
            }
        } catch {
            context.logger.critical("Backup could not be ended", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }

    /// - Parameters:
    ///   - reason: Why it has failed, if it has.
    ///   - tidyUp: Removes what is to go when there is no metadata object.
    func end(_ reason: String, tidyUp: (BackupRecord) throws -> Void) throws {
        let record = try context.catalog.backup(id, includingDeleted: true)
        switch look(at: record) {
        case .success(.complete(let backup)): try adopt(backup, record)
        case .success(.missing):
            try fail(tidying(record, reason, tidyUp), mayHoldMetadata: false)
        case .success(.unusable(let why)):
            try fail("\(reason); its objects stay until it is deleted: \(why)", mayHoldMetadata: true)
        case .failure(let error):
            try fail("\(reason); whether it was completed could not be found out: \(error)", mayHoldMetadata: true)
        }
    }

    private func look(at record: BackupRecord) -> Result<Completion, any Error> {
        Result {
            guard let location = context.location(of: record) else { return .missing }
            try context.claim.confirm()
            return try context.engine.completion(of: location, writer: context.claim.catalogID.text)
        }
    }

    private func tidying(_ record: BackupRecord, _ reason: String, _ tidyUp: (BackupRecord) throws -> Void) -> String {
        do {
            try tidyUp(record)
            return reason
        } catch {
            return "\(reason); its objects could not be removed: \(error)"
        }
    }

    // MARK: - The ends

    private func adopt(_ backup: CompleteBackup, _ record: BackupRecord) throws {
        let isFinished = try context.settle(flag) {
            try context.catalog.finishBackup(
                id, objectCount: backup.objectCount, storedBytes: backup.storedBytes,
                sizeBytes: backup.metadata.sizeBytes ?? record.sizeBytes ?? 0)
        }
        guard let isFinished else { return }
        guard isFinished else { return DeletionJob(context: context, id: id).run(flag) }  // a DELETE has come
        context.board.end(id, keeping: false)
        context.record(.createEnd, id)
        context.logger.notice(
            "Backup was complete", metadata: ["backup_id": "\(id)", "objects": "\(backup.objectCount)"])
    }

    /// - Parameter mayHoldMetadata: whether the metadata object may be there.
    func fail(_ reason: String, mayHoldMetadata: Bool) throws {
        let reason = context.shown(reason)
        let isFailed = try context.settle(flag) {
            try context.catalog.failBackup(id, reason: reason, mayHoldMetadata: mayHoldMetadata)
        }
        guard let isFailed else { return }
        guard isFailed else { return DeletionJob(context: context, id: id).run(flag) }  // a DELETE has come
        context.board.end(id, keeping: true)
        context.record(.createError, id, reason: reason)
        context.logger.error("Backup failed", metadata: ["backup_id": "\(id)", "reason": "\(reason)"])
    }
}
