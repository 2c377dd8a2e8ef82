// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What follows WHERE, with its arguments. The text is ours alone; what clients say is only ever an argument.
struct SQLCondition {
    var sql: String
    var arguments: [(any DatabaseValueConvertible)?]

    init(_ sql: String, _ arguments: (any DatabaseValueConvertible)?...) {
        self.init(sql, arguments: arguments)
    }

    init(_ sql: String, arguments: [(any DatabaseValueConvertible)?]) {
        self.sql = sql
        self.arguments = arguments
    }

    /// True where all that are not nil are true.
    static func all(_ conditions: [SQLCondition?]) -> SQLCondition {
        joined(conditions.compactMap { $0 }, by: " AND ", ifEmpty: "1")
    }

    /// True where one of them is true.
    static func any(_ conditions: [SQLCondition]) -> SQLCondition {
        joined(conditions, by: " OR ", ifEmpty: "0")
    }

    private static func joined(
        _ conditions: [SQLCondition], by separator: String, ifEmpty: String
    ) -> SQLCondition {
        guard !conditions.isEmpty else { return SQLCondition(ifEmpty) }
        let sql = conditions.map { "(\($0.sql))" }.joined(separator: separator)
        return SQLCondition(sql, arguments: conditions.flatMap(\.arguments))
    }

    /// A negative limit or offset counts as 0.
    func ordered(by order: PageOrder, limit: Int?, offset: Int) -> SQLCondition {
        SQLCondition(
            "\(sql) ORDER BY \(order.sql) LIMIT ? OFFSET ?",
            arguments: arguments + [limit.map { max(0, $0) } ?? -1, max(0, offset)])
    }
}

extension CatalogTables {
    func count(_ table: String, where condition: SQLCondition) throws -> Int {
        let sql = "SELECT count(*) FROM \(table) WHERE \(condition.sql)"
        return try Int.fetchOne(database, sql: sql, arguments: StatementArguments(condition.arguments)) ?? 0
    }
}
