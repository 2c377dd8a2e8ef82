// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

/// `made`: the place of a backup among those of its volume, in the order in which they were made. It only grows.
extension CatalogTables {
    /// The backup is being made now, after all others of its volume.
    func markMade(_ backup: BackupRecord) throws {
        let sql = "UPDATE backups SET made = (SELECT max(made) FROM backups WHERE volume_id = ?) + 1 WHERE id = ?"
        try database.execute(sql: sql, arguments: [backup.volumeID, backup.id])
    }

    /// The backup was made elsewhere: it gets the place that its time and its chain give it.
    func placeAmongMade(_ backup: BackupRecord) throws {
        let known = try Row.fetchAll(
            database,
            sql: """
                SELECT id, parent_id, data_timestamp, made FROM backups
                WHERE volume_id = ? AND id <> ? AND status <> 'deleted' ORDER BY made, id
                """, arguments: [backup.volumeID, backup.id]
        ).map { row in
            let reader = RowReader(
                table: BackupRecord.table, positions: ["id": 0, "parent_id": 1, "data_timestamp": 2, "made": 3],
                row: row)
            let entry = MakingOrder.Entry(
                id: try reader.value("id"), parentID: try reader.optional("parent_id"),
                time: try reader.value("data_timestamp"))
            let made: Int64 = try reader.value("made")
            return (entry: entry, made: made)
        }
        var order = MakingOrder(known.map(\.entry), now: now)
        order.insert(.init(id: backup.id, parentID: backup.parentID, time: backup.dataTimestamp))
        let numbers = Dictionary(known.map { ($0.entry.id, $0.made) }, uniquingKeysWith: max)
        var last: Int64 = 0
        for entry in order.entries {
            let number = max(last + 1, numbers[entry.id] ?? 0)
            if number != numbers[entry.id] { try setMade(number, of: entry.id) }
            last = number
        }
    }

    private func setMade(_ number: Int64, of id: ResourceID) throws {
        let statement = try database.cachedStatement(sql: "UPDATE backups SET made = ? WHERE id = ?")
        try statement.execute(arguments: [number, id])
    }
}
