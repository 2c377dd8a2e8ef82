// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Brings what an earlier run has left to a state that this one can go on from. Called once, before any job
    /// runs. Jobs that had not begun wait again; deletions go on, begun or not; restores that had begun have
    /// failed; backups that had begun are for the caller to clean up.
    package func recover() throws(CatalogError) -> Recovery {
        try write { tables in
            var recovery = Recovery()
            for id in try tables.unfinishedBackups() { try tables.recover(tables.backup(id), into: &recovery) }
            recovery.releasedVolumes = try tables.releaseOrphanedVolumes()
            return recovery
        }
    }
}

extension CatalogTables {
    /// Their ids, in the order of the queue: there may be many, and each may have a mebibyte of metadata.
    func unfinishedBackups() throws -> [ResourceID] {
        let unfinished = "status IN ('creating', 'restoring', 'deleting') ORDER BY job_number, id"
        return try fetch(["id"], from: BackupRecord.table, where: unfinished, []) { row in
            try RowReader(table: BackupRecord.table, positions: ["id": 0], row: row).value("id")
        }
    }

    fileprivate func recover(_ backup: BackupRecord, into recovery: inout Recovery) throws {
        switch (backup.status, backup.jobBegun) {
        case (.creating, true):
            recovery.interruptedBackups.append(backup.withoutMetadata)
        case (.restoring, true):
            try endRestore(of: backup, failure: "the restore was interrupted", targetWritten: true)
            recovery.interruptedRestores.append(try self.backup(backup.id).withoutMetadata)
        case (.deleting, true):
            var deletion = backup
            deletion.jobBegun = false
            try save(deletion)
            recovery.waiting.append(try self.backup(backup.id).withoutMetadata)
        default:
            recovery.waiting.append(backup.withoutMetadata)
        }
    }

    /// Frees the volumes that no job will ever free. None should exist: every end of a job frees its volume in the
    /// same transaction.
    fileprivate func releaseOrphanedVolumes() throws -> [ResourceID] {
        let orphans = """
            status IN ('backing-up', 'restoring-backup') AND NOT EXISTS (
                SELECT 1 FROM backups WHERE backups.id = volumes.busy_with AND (
                    volumes.status = 'backing-up' AND backups.volume_id = volumes.id
                        AND backups.status IN ('creating', 'deleting')
                    OR volumes.status = 'restoring-backup' AND backups.restore_volume_id = volumes.id
                        AND backups.status = 'restoring'))
            ORDER BY id
            """
        return try volumes(where: orphans).map { orphan in
            var volume = orphan
            if orphan.status == .backingUp {
                volume.markAvailable()
            } else {
                volume.markRestoreFailed(reason: "the restore was interrupted", targetWritten: true)
            }
            try save(volume)
            try mark(orphan.id, busyWith: nil)
            return orphan.id
        }
    }
}
