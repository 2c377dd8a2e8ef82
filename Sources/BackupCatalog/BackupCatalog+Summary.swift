// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    /// The catalog in numbers. What it costs grows with the volumes, and hardly with their backups.
    package func summary() throws(CatalogError) -> CatalogSummary {
        try read { tables in
            var summary = CatalogSummary()
            summary.backups = try tables.backupCounts()
            summary.damagedBackups = try tables.damagedCount()
            summary.volumes = try tables.volumeSummaries()
            return summary
        }
    }
}

extension CatalogTables {
    /// A look into the index for each status: rows of deleted backups stay for ever, and are not gone through.
    fileprivate func backupCounts() throws -> [BackupStatus: Int] {
        var counts: [BackupStatus: Int] = [:]
        for status in BackupStatus.allCases where status != .deleted {
            counts[status] = try count(BackupRecord.table, where: SQLCondition("status = ?", status))
        }
        return counts
    }

    fileprivate func volumeSummaries() throws -> [VolumeSummary] {
        try Row.fetchAll(database, sql: Self.volumeSummaries, arguments: ["now": now]).map { row in
            let reader = RowReader(table: VolumeRecord.table, positions: Self.summaryPositions, row: row)
            return VolumeSummary(
                id: try reader.value("id"), name: try reader.optional("display_name"),
                createdAt: try reader.value("created_at"), lastAttempt: try reader.optional("attempt"),
                lastSuccess: try Self.success(reader))
        }
    }

    private static func success(_ reader: RowReader) throws -> VolumeSummary.Success? {
        guard let endedAt: Timestamp = try reader.optional("ended_at") else { return nil }
        let begunAt: Timestamp? = try reader.optional("begun_at")
        return VolumeSummary.Success(
            endedAt: endedAt, begunAt: begunAt.flatMap { $0 <= endedAt ? $0 : nil },
            sizeBytes: try reader.optional("size_bytes"),
            storedBytes: try reader.optional("stored_bytes"))
    }

    private static let summaryPositions = [
        "id": 0, "display_name": 1, "created_at": 2, "attempt": 3, "ended_at": 4, "begun_at": 5, "size_bytes": 6,
        "stored_bytes": 7,
    ]

    /// Two steps into an index per volume: `backups_by_attempt`, and `backups_by_success`, whose condition is repeated
    /// here.
    ///
    /// What ended in the future ended with a wrong clock, nobody knows when: it is no success that anybody can rely on
    /// until then, and the one made before it counts.
    private static let volumeSummaries = """
        SELECT volumes.id, volumes.display_name, volumes.created_at,
            (SELECT max(begun_at) FROM backups WHERE volume_id = volumes.id AND begun_at <= :now),
            coalesce(good.ended_at, good.created_at), good.begun_at, good.size_bytes, good.stored_bytes
        FROM volumes LEFT JOIN backups AS good ON good.id = (
            SELECT id FROM backups WHERE volume_id = volumes.id AND status IN ('available', 'restoring')
                AND coalesce(ended_at, created_at) <= :now
            ORDER BY made DESC LIMIT 1)
        ORDER BY volumes.created_at, volumes.id
        """
}
