// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

/// The two tables as one transaction sees them, row by row. What a row may become is decided by the callers.
struct CatalogTables {
    let database: Database
    /// The time of this transaction, for `updated_at`.
    let now: Timestamp
    /// Every insert, update and removal of a row stands here.
    let changes = ChangeList()

    func fetch<Record>(
        _ columns: [String], from table: String, where condition: String,
        _ arguments: [(any DatabaseValueConvertible)?], _ record: (Row) throws -> Record
    ) throws -> [Record] {
        try fetch(columns, from: table, where: condition, arguments, within: .max, weight: { _ in 0 }, record)
    }

    /// The first records, up to the one with which they weigh `limit` together.
    func fetch<Record>(
        _ columns: [String], from table: String, where condition: String,
        _ arguments: [(any DatabaseValueConvertible)?], within limit: Int, weight: (Record) -> Int,
        _ record: (Row) throws -> Record
    ) throws -> [Record] {
        let sql = "SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE \(condition)"
        // Not a cached statement: clients choose how lists are sorted, and the cache has no bound.
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        var records: [Record] = []
        var total = 0
        while total < limit, let row = try rows.next() {
            let next = try record(row)
            records.append(next)
            total += weight(next)
        }
        return records
    }

    func insert(into table: String, _ columns: [String], _ values: [(any DatabaseValueConvertible)?]) throws {
        try refuseNUL(columns, values)
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let sql = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }

    func update(
        _ table: String, _ id: ResourceID, _ columns: [String], _ values: [(any DatabaseValueConvertible)?]
    ) throws {
        try refuseNUL(columns, values)
        let assignments = columns.map { "\($0) = ?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(sql: "UPDATE \(table) SET \(assignments) WHERE id = ?")
        try statement.execute(arguments: StatementArguments(values + [id]))
    }

    /// GRDB binds texts as C strings, so what follows a NUL would be lost without a word.
    private func refuseNUL(_ columns: [String], _ values: [(any DatabaseValueConvertible)?]) throws {
        for (column, value) in zip(columns, values) {
            guard let text = value as? String, text.utf8.contains(0) else { continue }
            throw CatalogError.textWithNUL(column: column)
        }
    }
}
