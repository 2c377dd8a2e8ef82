// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Deletes one backup: its objects, then its row.
struct DeletionJob {
    let context: JobContext
    let id: ResourceID
    /// Whether the job that made them has removed them already.
    var areObjectsGone = false

    func run(_ flag: JobFlag) {
        do {
            let record = try context.settle(flag) { try context.catalog.backup(id, includingDeleted: true) }
            guard let record, record.status == .deleting, !context.claim.holds(record) else { return }
            context.board.begin(id, JobProgress(phase: .deleting, bytesTotal: 0))
            defer { context.board.end(id, keeping: false) }
            context.record(.deleteStart, id)
            try delete(flag)
        } catch {
            context.logger.critical(
                "Deletion could not be ended", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }

    private func delete(_ flag: JobFlag) throws {
        do {
            if !areObjectsGone {
                try context.claim.begin(.deletion)
                try remove()
            }
        } catch {
            return try fail(context.shown("\(error)"), flag)
        }
        guard try context.settle(flag, { try context.catalog.finishDeletion(id) }) == true else { return }
        context.record(.deleteEnd, id)
        context.logger.notice("Backup deleted", metadata: ["backup_id": "\(id)"])
    }

    /// Removes the objects from the repository that the catalog belongs to, before and after.
    private func remove() throws {
        try context.claim.confirm()
        let record = try context.catalog.backup(id, includingDeleted: true)
        if record.mustBeFound {
            guard try isFound(record) else { throw ServiceError.nothingFound(id) }
            try context.catalog.noteFound(id)
        }
        try removeObjects(of: record)
        try context.claim.confirm()
    }

    private func isFound(_ record: BackupRecord) throws -> Bool {
        guard let location = context.location(of: record) else { return false }
        return try context.engine.holdsAnything(of: location.names, in: location.container)
    }

    /// Removes the objects of the backup; a backup without a place has none.
    func removeObjects(of record: BackupRecord) throws {
        context.engine.digestCopies?.remove(id, ofVolume: record.volumeID)
        guard let location = context.location(of: record) else { return }
        try context.engine.deleteObjects(of: id, location.names, in: location.container)
    }

    private func fail(_ reason: String, _ flag: JobFlag) throws {
        guard try context.settle(flag, { try context.catalog.failDeletion(id, reason: reason) }) == true else { return }
        context.record(.deleteError, id, reason: reason)
        context.logger.error("Deletion failed", metadata: ["backup_id": "\(id)", "reason": "\(reason)"])
    }
}
