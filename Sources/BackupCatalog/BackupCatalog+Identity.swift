// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    package func identity() throws(CatalogError) -> CatalogIdentity {
        try read { tables in try tables.identity() }
    }

    /// Whether there are backups whose objects a repository must hold.
    package func hasStoredBackups() throws(CatalogError) -> Bool {
        try read { tables in try !tables.storedBackups(limit: 1).isEmpty }
    }

    /// The backups whose objects a repository must hold, the newest first.
    package func storedBackups() throws(CatalogError) -> [BackupRecord] {
        try read { tables in try tables.storedBackups(limit: -1) }
    }

    /// Whether a backup, deleted ones aside, has this place.
    package func hasBackup(container: String, prefix: String) throws(CatalogError) -> Bool {
        try read { tables in
            let place = SQLCondition(
                "container = ? AND service_metadata = ? AND status <> 'deleted'", container, prefix)
            return try tables.count(BackupRecord.table, where: place) > 0
        }
    }

    /// The repository that this catalog belongs to from now on.
    package func setRepository(_ id: ResourceID) throws(CatalogError) {
        try unmarked { tables in
            try tables.database.execute(sql: "UPDATE identity SET repository_id = ?", arguments: [id])
        }
    }

    /// Counts one more job; returns the new epoch.
    package func raiseEpoch() throws(CatalogError) -> Int64 {
        try unmarked { tables in
            try tables.database.execute(sql: "UPDATE identity SET epoch = epoch + 1")
            return try tables.identity().epoch
        }
    }

    /// Takes note that the repository has seen jobs that this catalog has not; `epoch` is higher than both had.
    package func markRolledBack(epoch: Int64) throws(CatalogError) {
        try unmarked { tables in
            try tables.database.execute(sql: "UPDATE identity SET epoch = ?, rolled_back = 1", arguments: [epoch])
        }
    }

    /// The number of the job that was asked for last; 0 before the first.
    package func lastJobNumber() throws(CatalogError) -> Int64 {
        try read { tables in try tables.nextJobNumber() - 1 }
    }

    /// An operator has accepted the catalog as it is.
    ///
    /// Restores and deletions that waited in it are ended, not run: nobody knows whether they ran in the time that was lost.
    /// Restores have failed without a byte written, and backups have the status again that they had before the DELETE.
    /// - Parameter lastJobNumber: of the jobs that waited.
    package func acceptRollback(lastJobNumber: Int64) throws(CatalogError) {
        try unmarked { tables in
            for id in try tables.unfinishedBackups() {
                let backup = try tables.backup(id)
                guard !backup.jobBegun, backup.jobNumber <= lastJobNumber else { continue }
                switch backup.status {
                case .restoring: try tables.endRestore(of: backup, failure: Self.held, targetWritten: false)
                case .deleting: try tables.withdrawDeletion(of: backup, reason: Self.held)
                case .available, .creating, .deleted, .error, .errorDeleting: break
                }
            }
            try tables.database.execute(sql: "UPDATE identity SET rolled_back = 0")
        }
    }

    private static let held = "held, and then ended: the catalog had come back from an earlier state"
}

extension CatalogTables {
    fileprivate func identity() throws -> CatalogIdentity {
        let columns = ["catalog_id": 0, "epoch": 1, "repository_id": 2, "rolled_back": 3]
        let sql = "SELECT catalog_id, epoch, repository_id, rolled_back FROM identity"
        guard let row = try Row.fetchOne(database, sql: sql) else {
            throw CatalogError.storage("the table identity is empty")
        }
        let reader = RowReader(table: "identity", positions: columns, row: row)
        return CatalogIdentity(
            catalogID: try reader.value("catalog_id"), epoch: try reader.value("epoch"),
            repositoryID: try reader.optional("repository_id"), isRolledBack: try reader.value("rolled_back"))
    }

    fileprivate func storedBackups(limit: Int) throws -> [BackupRecord] {
        let stored = """
            status IN ('available', 'restoring', 'deleting', 'error_deleting') AND container IS NOT NULL
            ORDER BY created_at DESC, id LIMIT ?
            """
        return try backups(where: stored, [limit])
    }

    /// The backup is again what it was before somebody asked for its deletion; one that was being made has failed.
    fileprivate func withdrawDeletion(of backup: BackupRecord, reason: String) throws {
        var backup = backup
        backup.status = backup.deletedFrom == .creating ? .error : backup.deletedFrom ?? .available
        if backup.status != .available { backup.failReason = reason }
        backup.mustBeFound = false
        try save(backup)
        try releaseVolume(busyWith: backup.id) { $0.markAvailable() }
    }
}
