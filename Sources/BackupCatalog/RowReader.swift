// SPDX-License-Identifier: Apache-2.0

import GRDB

/// Reads the columns of one row by name; a value that makes no sense is an error, where GRDB's own subscripts
/// would trap.
struct RowReader {
    let table: String
    /// Where in the row each column stands.
    let positions: [String: Int]
    let row: Row

    func value<T: DatabaseValueConvertible>(_ column: String) throws -> T {
        guard let value: T = try optional(column) else { throw damage(column) }
        return value
    }

    func optional<T: DatabaseValueConvertible>(_ column: String) throws -> T? {
        guard let index = positions[column], index < row.count else { throw damage(column) }
        let stored: DatabaseValue = row[index]
        guard !stored.isNull else { return nil }
        guard let value = T.fromDatabaseValue(stored) else { throw damage(column) }
        return value
    }

    private func damage(_ column: String) -> CatalogError {
        .storage("a row of table \(table) has no sensible \(column)")
    }
}
