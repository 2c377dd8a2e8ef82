// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    /// Throws `backupNotFound`, also for a deleted backup unless `includingDeleted`.
    package func backup(
        _ id: ResourceID, includingDeleted: Bool = false
    ) throws(CatalogError) -> BackupRecord {
        try read { tables in
            guard includingDeleted else { return try tables.backup(id) }
            guard let backup = try tables.row(ofBackup: id) else { throw CatalogError.backupNotFound(id) }
            return backup
        }
    }

    /// One page of the backups that the query asks for, deleted ones left out. Throws `backupNotFound` for an
    /// unknown marker.
    package func backups(_ query: BackupQuery = BackupQuery()) throws(CatalogError) -> [ListedBackup] {
        try read { tables in
            let page = try query.page(in: tables)
            let columns = BackupRecord.columns + [CatalogTables.childCount]
            return try tables.fetch(
                columns, from: BackupRecord.table, where: page.sql, page.arguments,
                within: query.bytes ?? .max, weight: \.record.listedBytes
            ) { row in
                ListedBackup(record: try BackupRecord(row: row), childCount: row[BackupRecord.columns.count])
            }
        }
    }

    /// The backups that have a job, running or waiting, in the order of the queue, without the users' metadata.
    package func backupsWithJobs() throws(CatalogError) -> [BackupRecord] {
        try read { tables in try tables.unfinishedBackups().map { try tables.backup($0).withoutMetadata } }
    }

    /// How many backups the query finds on all its pages together.
    package func backupCount(_ query: BackupQuery = BackupQuery()) throws(CatalogError) -> Int {
        try read { tables in try tables.count(BackupRecord.table, where: query.filter) }
    }

    /// How many backups stand on the data of this one (`CatalogTables.childCount`).
    package func childCount(of id: ResourceID) throws(CatalogError) -> Int {
        try read { tables in
            _ = try tables.backup(id)
            return try tables.childCount(of: id)
        }
    }

    /// Changes name, description, metadata and protection of a backup; other changes of the record are dropped.
    @discardableResult
    package func updateBackup(
        _ id: ResourceID, _ change: (inout BackupRecord) -> Void
    ) throws(CatalogError) -> BackupRecord {
        try write { tables in
            var backup = try tables.backup(id)
            var changed = backup
            change(&changed)
            backup.name = changed.name
            backup.details = changed.details
            backup.userMetadata = changed.userMetadata
            backup.isProtected = changed.isProtected
            try tables.save(backup)
            return try tables.backup(id)
        }
    }

    /// The status, or nil where there is no such row: the cheap question that a job asks before every chunk.
    package func status(ofBackup id: ResourceID) throws(CatalogError) -> BackupStatus? {
        try glance { db in
            let statement = try db.cachedStatement(sql: "SELECT status FROM backups WHERE id = ?")
            return try String.fetchOne(statement, arguments: [id]).flatMap(BackupStatus.init(rawValue:))
        }
    }

    /// True while the restore of this backup is to go on; false once it has been cancelled.
    package func isRestoreWanted(_ id: ResourceID) throws(CatalogError) -> Bool {
        try glance { db in
            let sql = "SELECT 1 FROM backups WHERE id = ? AND status = 'restoring' AND NOT restore_cancelled"
            return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) != nil
        }
    }

    /// Marks the job that `status` stands for as begun, and returns the backup as it is then. nil when the backup
    /// has another status by now, or its job has begun already: then there is nothing to do for the caller.
    package func beginJob(
        _ id: ResourceID, expecting status: BackupStatus
    ) throws(CatalogError) -> BackupRecord? {
        try write { tables in
            guard var backup = try tables.backup(id, if: status), !backup.jobBegun else { return nil }
            backup.jobBegun = true
            try tables.save(backup)
            if status == .creating { try tables.markBegun(id) }
            return try tables.backup(id)
        }
    }

    /// Sets the status by hand, for an operator, from `available`, `error` or `error_deleting` to `available` or
    /// `error`. Whether the data of a backup that is to be `available` are there is for the caller to check.
    ///
    /// Throws `resetRefused` for another target, `invalidStatus` while a job has the backup, `parentUnavailable`
    /// when it is to be `available` but its parent is being deleted or is gone: a failed child does not keep it;
    /// `protected` and `tooYoung` where one that is to be kept would be `error`, which anybody may delete.
    package func resetBackupStatus(
        _ id: ResourceID, to status: BackupStatus, minimumAge: Duration = .zero
    ) throws(CatalogError) {
        try write { tables in
            var backup = try tables.requireResettable(id, to: status)
            if status == .error { try backup.refuseKept(minimumAge, now: tables.now) }
            backup.status = status
            if status == .available {
                backup.markAvailable()
                if try tables.unmarkDamaged(id) { backup.remark = nil }
            }
            try tables.save(backup)
            try tables.withdrawProof(of: id)
        }
    }
}

extension BackupRecord {
    mutating func markAvailable() {
        status = .available
        failReason = nil
        mayHoldMetadata = true
    }

    /// Throws `invalidStatus` unless the status is one of `expected`.
    func require(_ expected: [BackupStatus]) throws(CatalogError) {
        guard expected.contains(status) else {
            throw CatalogError.invalidStatus(id, found: status, expected: expected)
        }
    }
}

extension CatalogTables {
    /// The backup, whose status may be reset to this one.
    @discardableResult
    func requireResettable(_ id: ResourceID, to status: BackupStatus) throws -> BackupRecord {
        guard status == .available || status == .error else { throw CatalogError.resetRefused(id, to: status) }
        let backup = try backup(id)
        try backup.require([.available, .error, .errorDeleting])
        if status == .available { try refuseVanishingParent(of: backup) }
        return backup
    }

    fileprivate func refuseVanishingParent(of backup: BackupRecord) throws {
        guard let parentID = backup.parentID, let parent = try row(ofBackup: parentID) else { return }
        guard parent.status != .deleting, parent.status != .deleted else {
            throw CatalogError.parentUnavailable(parentID, status: parent.status)
        }
    }
}
