// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension CatalogTables {
    /// The backup. Throws `backupNotFound` when there is none, or it is deleted.
    func backup(_ id: ResourceID) throws -> BackupRecord {
        guard let backup = try row(ofBackup: id), backup.status != .deleted else {
            throw CatalogError.backupNotFound(id)
        }
        return backup
    }

    /// The backup if it has this status; nil when it has another one by now, or is deleted.
    /// Throws `backupNotFound` when there never was one.
    func backup(_ id: ResourceID, if status: BackupStatus) throws -> BackupRecord? {
        guard let backup = try row(ofBackup: id) else { throw CatalogError.backupNotFound(id) }
        return backup.status == status ? backup : nil
    }

    /// The row, also of a deleted backup.
    func row(ofBackup id: ResourceID) throws -> BackupRecord? {
        try backups(where: "id = ?", [id]).first
    }

    func backups(
        where condition: String, _ arguments: [(any DatabaseValueConvertible)?] = []
    ) throws -> [BackupRecord] {
        try fetch(BackupRecord.columns, from: BackupRecord.table, where: condition, arguments) {
            try BackupRecord(row: $0)
        }
    }

    func insert(_ backup: BackupRecord) throws {
        try insert(into: BackupRecord.table, BackupRecord.columns, backup.columnValues)
        changes.add(.backup(backup, from: nil))
    }

    /// Writes the changed record back and dates it.
    func save(_ backup: BackupRecord) throws {
        var backup = backup
        backup.updatedAt = now
        let before = try row(ofBackup: backup.id)?.status
        try update(BackupRecord.table, backup.id, BackupRecord.columns, backup.columnValues)
        changes.add(.backup(backup, from: before))
    }

    func eraseRow(ofBackup id: ResourceID) throws {
        try database.execute(sql: "DELETE FROM backups WHERE id = ?", arguments: [id])
    }

    /// The job that makes the backup begins now.
    func markBegun(_ id: ResourceID) throws {
        try database.execute(sql: "UPDATE backups SET begun_at = ? WHERE id = ?", arguments: [now, id])
    }

    /// The job that made the backup has ended now, or when the backup was made elsewhere.
    func markEnded(_ id: ResourceID, at time: Timestamp? = nil) throws {
        try database.execute(sql: "UPDATE backups SET ended_at = ? WHERE id = ?", arguments: [time ?? now, id])
    }

    /// The end of the queue, for a backup or restore. Throws `tooManyJobs` when `limit` of them wait already.
    func nextJobNumber(unlessWaiting limit: Int) throws -> Int64 {
        // Not more rows than that are looked at: an older catalog may have many thousands.
        let sql = """
            SELECT count(*) FROM (
                SELECT 1 FROM backups WHERE status IN ('creating', 'restoring') AND NOT job_begun LIMIT ?)
            """
        let waiting = try Int.fetchOne(database.cachedStatement(sql: sql), arguments: [limit]) ?? 0
        guard waiting < limit else { throw CatalogError.tooManyJobs(limit: limit) }
        return try nextJobNumber()
    }

    /// The end of the queue of jobs.
    func nextJobNumber() throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT coalesce(max(job_number), 0) + 1 FROM backups") ?? 1
    }

    /// Counts the backups that stand on the data of the one in the row: its children that are there, save those in `error`
    /// without a metadata object, in whose place come their own children.
    static let childCount = """
        (WITH RECURSIVE dependent(id, stands) AS (
            SELECT child.id, child.status <> 'error' OR child.may_hold_metadata FROM backups AS child
            WHERE child.parent_id = backups.id AND child.id <> backups.id AND child.status <> 'deleted'
            UNION
            SELECT child.id, child.status <> 'error' OR child.may_hold_metadata FROM backups AS child
            JOIN dependent ON child.parent_id = dependent.id
            WHERE NOT dependent.stands AND child.id <> backups.id AND child.status <> 'deleted')
        SELECT count(*) FROM dependent WHERE stands)
        """

    /// Those of them in `error`: of none of them it is known that the repository holds its metadata object.
    func failedDependents(of id: ResourceID) throws -> [BackupRecord] {
        let failed = """
            status = 'error' AND may_hold_metadata AND id IN (
                WITH RECURSIVE dependent(id, stands) AS (
                    SELECT id, status <> 'error' OR may_hold_metadata FROM backups
                    WHERE parent_id = ? AND status <> 'deleted'
                    UNION
                    SELECT child.id, child.status <> 'error' OR child.may_hold_metadata FROM backups AS child
                    JOIN dependent ON child.parent_id = dependent.id
                    WHERE NOT dependent.stands AND child.status <> 'deleted')
                SELECT id FROM dependent) ORDER BY id
            """
        return try backups(where: failed, [id])
    }

    func childCount(of id: ResourceID) throws -> Int {
        let sql = "SELECT \(Self.childCount) FROM backups WHERE id = ?"
        return try Int.fetchOne(database, sql: sql, arguments: [id]) ?? 0
    }

    /// Throws `prefixInUse` when the objects at this place belong to a backup other than `id`.
    func refuseTaken(container: String, prefix: String, for id: ResourceID) throws {
        let holder = try backups(
            where: "container = ? AND service_metadata = ? AND id <> ? AND status <> 'deleted'",
            [container, prefix, id]
        ).first
        guard let holder else { return }
        throw CatalogError.prefixInUse(container: container, prefix: prefix, by: holder.id)
    }
}
