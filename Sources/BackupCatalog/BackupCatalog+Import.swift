// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Throws what `importBackup` would, before anybody has read an object list for it.
    package func checkImport(of record: BackupRecord) throws(CatalogError) {
        try read { tables in _ = try tables.replacedByImport(of: record) }
    }

    /// Takes in the record of a backup that was made elsewhere, as `available`. Its parent need not be there yet.
    ///
    /// Throws `backupExists` unless a backup of the same id is deleted, in which case its row is replaced;
    /// `prefixInUse` when its objects belong to another backup.
    @discardableResult
    package func importBackup(_ record: BackupRecord) throws(CatalogError) -> BackupRecord {
        try write(making: record.id) { tables in
            var backup = record
            backup.jobNumber = try tables.nextJobNumber()
            if let deleted = try tables.replacedByImport(of: record) { try tables.eraseRow(ofBackup: deleted.id) }
            backup.status = .available
            backup.deletedAt = nil
            backup.jobBegun = false
            backup.restoreCancelled = false
            try tables.insert(backup)
            try tables.markEnded(backup.id, at: backup.createdAt)
            return backup
        }
    }
}

extension CatalogTables {
    /// The deleted backup whose row the record is to replace; nil where there is none.
    fileprivate func replacedByImport(of record: BackupRecord) throws -> BackupRecord? {
        let known = try row(ofBackup: record.id)
        guard known == nil || known?.status == .deleted else { throw CatalogError.backupExists(record.id) }
        if let container = record.container, let prefix = record.prefix {
            try refuseTaken(container: container, prefix: prefix, for: record.id)
        }
        return known
    }
}
