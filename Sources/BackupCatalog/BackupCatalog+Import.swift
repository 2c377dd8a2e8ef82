// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Takes in the record of a backup that was made elsewhere, as `available`. Its parent need not be there yet.
    ///
    /// - Parameter isMeasured: whether count and length are known; else the backup is still to be measured.
    ///
    /// Throws `backupExists` unless a backup of the same id is deleted, in which case its row is replaced;
    /// `prefixInUse` when its objects belong to another backup.
    @discardableResult
    package func importBackup(
        _ record: BackupRecord, isMeasured: Bool = false
    ) throws(CatalogError) -> BackupRecord {
        try write(making: record.id) { tables in
            var backup = record
            backup.jobNumber = try tables.nextJobNumber()
            if let deleted = try tables.replacedByImport(of: record) { try tables.eraseRow(ofBackup: deleted.id) }
            backup.status = .available
            backup.deletedAt = nil
            backup.jobBegun = false
            backup.restoreCancelled = false
            try tables.insert(backup)
            // A record from the future is no younger than its import.
            try tables.markEnded(backup.id, at: min(backup.createdAt, tables.now))
            try tables.placeAmongMade(backup)
            if !isMeasured { try tables.setInspection(.measure, of: backup.id) }
            return backup
        }
    }

    /// Takes back an import that was refused, and the receipt for it.
    package func withdrawImport(of id: ResourceID) throws(CatalogError) {
        try unmarked { tables in
            if try tables.backup(id, if: .error) != nil { try tables.eraseRow(ofBackup: id) }
            if let receipt { try tables.erase(receipt) }
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
