// SPDX-License-Identifier: Apache-2.0
import BackupModel
import GRDB

extension BackupCatalog {
    /// Writes down that backups were found to be damaged, until they are deleted, or made `available` by hand after their
    /// objects were looked at. `remarks` say how; the status stays, for one that cannot be restored may be wanted yet.
    package func markDamaged(_ remarks: [(id: ResourceID, remark: String)]) throws(CatalogError) {
        try write { tables in
            for (id, remark) in remarks {
                guard var backup = try tables.row(ofBackup: id), backup.status != .deleted else { continue }
                backup.remark = remark
                try tables.save(backup)
                try tables.markDamaged(id, at: tables.now)
            }
        }
    }
}

extension BackupCatalog {
    /// The first of these backups that is known to be damaged; nil where none is.
    package func firstDamaged(of ids: [ResourceID]) throws(CatalogError) -> BackupRecord? {
        try read { tables in
            for id in ids {
                let damaged = try tables.backups(where: "id = ? AND damaged_at IS NOT NULL", [id])
                if let first = damaged.first { return first }
            }
            return nil
        }
    }
}

extension CatalogTables {
    fileprivate func markDamaged(_ id: ResourceID, at time: Timestamp) throws {
        try database.execute(
            sql: "UPDATE backups SET damaged_at = coalesce(damaged_at, ?) WHERE id = ?", arguments: [time, id])
    }

    /// The backup is whole. True when it was known as damaged.
    func unmarkDamaged(_ id: ResourceID) throws -> Bool {
        try database.execute(
            sql: "UPDATE backups SET damaged_at = NULL WHERE id = ? AND damaged_at IS NOT NULL", arguments: [id])
        return database.changesCount > 0
    }

    func damagedCount() throws -> Int {
        try count(BackupRecord.table, where: SQLCondition("damaged_at IS NOT NULL AND status <> 'deleted'"))
    }
}
