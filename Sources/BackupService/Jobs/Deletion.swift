// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Deletes one backup: its objects, then its row.
struct Deletion {
    let context: JobContext
    let id: ResourceID

    func run(_ flag: JobFlag) {
        guard (try? context.catalog.status(ofBackup: id)) == .deleting else { return }
        context.board.begin(id, JobProgress(phase: .deleting, bytesTotal: 0))
        defer { context.board.end(id, keeping: false) }
        context.record(.deleteStart, id)
        do {
            try removeObjects()
        } catch {
            return fail(error, flag)
        }
        context.settle(flag) { try context.catalog.finishDeletion(id) }
        context.record(.deleteEnd, id)
        context.logger.notice("Backup deleted", metadata: ["backup_id": "\(id)"])
    }

    /// Removes the objects of the backup; a backup without a place has none.
    func removeObjects() throws {
        let record = try context.catalog.backup(id, includingDeleted: true)
        guard let location = context.location(of: record) else { return }
        try context.engine.deleteObjects(of: id, location.names, in: location.container)
    }

    private func fail(_ error: any Error, _ flag: JobFlag) {
        context.settle(flag) { try context.catalog.failDeletion(id, reason: "\(error)") }
        context.record(.deleteError, id, reason: "\(error)")
        context.logger.error("Deletion failed", metadata: ["backup_id": "\(id)", "reason": "\(error)"])
    }
}
