// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

/// A total order of the rows of a table, and what comes after a given row in it.
struct PageOrder {
    private let terms: [(column: String, ascending: Bool)]

    /// Adds `created_at` and `id` in the direction of the first term, as Cinder does; descending without any.
    init(_ terms: [(column: String, ascending: Bool)]) {
        let ascending = terms.first?.ascending ?? false
        var seen: Set<String> = []
        self.terms = (terms + [("created_at", ascending), ("id", ascending)]).filter { seen.insert($0.column).inserted }
    }

    /// For ORDER BY. SQLite puts NULL before all values, and so last where the order descends.
    var sql: String {
        terms.map { "\($0.column) \($0.ascending ? "ASC" : "DESC")" }.joined(separator: ", ")
    }

    /// The rows that come after the one with this id; nil when there is no such row.
    func after(_ id: ResourceID, in table: String, _ db: Database) throws -> SQLCondition? {
        let columns = terms.map(\.column).joined(separator: ", ")
        let sql = "SELECT \(columns) FROM \(table) WHERE id = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [id]) else { return nil }
        return after(Array(row.databaseValues))
    }

    /// A row comes after when it is equal in some of the first terms and later in the next one.
    private func after(_ values: [DatabaseValue]) -> SQLCondition {
        let alternatives = terms.indices.map { index in
            let equal = (0..<index).map { SQLCondition("\(terms[$0].column) IS ?", values[$0]) }
            return SQLCondition.all(equal + [later(terms[index], than: values[index])])
        }
        return .any(alternatives)
    }

    private func later(_ term: (column: String, ascending: Bool), than value: DatabaseValue) -> SQLCondition {
        switch (term.ascending, value.isNull) {
        case (true, true): SQLCondition("\(term.column) IS NOT NULL")
        case (true, false): SQLCondition("\(term.column) > ?", value)
        case (false, true): SQLCondition("0")
        case (false, false): SQLCondition("\(term.column) < ? OR \(term.column) IS NULL", value)
        }
    }
}
