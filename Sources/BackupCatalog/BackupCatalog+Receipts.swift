// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    /// How long a receipt counts, in microseconds: a day.
    package static let receiptLifetime: Int64 = 24 * 3600 * 1_000_000
    /// Receipts that are kept at a time.
    package static let receiptLimit = 10_000
    /// A longer answer is not kept: it is made anew from what the request has made.
    private static let keptBodyBytes = 64 << 10

    /// What is known of the request that was done under this key within the last day; nil when none was.
    /// Throws `keyReused` when it was another request.
    package func done(_ receipt: Receipt) throws(CatalogError) -> DoneRequest? {
        try read { tables in try tables.done(receipt) }
    }

    /// Takes the receipt back: what was begun under it has failed, and may be asked for again.
    package func takeBackReceipt() throws(CatalogError) {
        guard let receipt else { return }
        try unmarked { tables in try tables.erase(receipt) }
    }

    /// Keeps the answer to a request that has succeeded.
    package func keep(_ answer: KeptAnswer, for receipt: Receipt) throws(CatalogError) {
        guard answer.body?.utf8.count ?? 0 <= Self.keptBodyBytes else { return }
        try unmarked { tables in
            try tables.leave(receipt, for: nil)
            try tables.database.execute(
                sql: "UPDATE receipts SET status = ?, location = ?, body = ? WHERE key = ? AND owner IN (?, '')",
                arguments: [answer.status, answer.location, answer.body, receipt.key, receipt.owner])
        }
    }
}

extension CatalogTables {
    private var oldestReceipt: Timestamp {
        Timestamp(microseconds: now.microseconds - BackupCatalog.receiptLifetime)
    }

    fileprivate func done(_ receipt: Receipt) throws -> DoneRequest? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT request, made, status, location, body FROM receipts
                WHERE key = ? AND owner IN (?, '') AND created_at > ? ORDER BY owner DESC
                """,
            arguments: [receipt.key, receipt.owner, oldestReceipt])
        guard let row else { return nil }
        let columns = ["request": 0, "made": 1, "status": 2, "location": 3, "body": 4]
        let reader = RowReader(table: "receipts", positions: columns, row: row)
        guard try reader.value("request") == receipt.request else { throw CatalogError.keyReused(receipt.key) }
        let status: Int? = try reader.optional("status")
        return DoneRequest(
            made: try reader.optional("made"),
            answer: try status.map {
                KeptAnswer(status: $0, location: try reader.optional("location"), body: try reader.optional("body"))
            })
    }

    /// Marks the request as done, in the transaction that does it. What it did first is what it made.
    func leave(_ receipt: Receipt, for made: ResourceID?) throws {
        try database.execute(sql: "DELETE FROM receipts WHERE created_at <= ?", arguments: [oldestReceipt])
        let known = SQLCondition("key = ? AND owner IN (?, '')", receipt.key, receipt.owner)
        guard try count("receipts", where: known) == 0 else { return }
        let limit = BackupCatalog.receiptLimit
        guard try count("receipts", where: SQLCondition("1")) < limit else {
            throw CatalogError.tooManyKeys(limit: limit)
        }
        try database.execute(
            sql: "INSERT INTO receipts (owner, key, request, created_at, made) VALUES (?, ?, ?, ?, ?)",
            arguments: [receipt.owner, receipt.key, receipt.request, now, made])
    }

    func erase(_ receipt: Receipt) throws {
        try database.execute(
            sql: "DELETE FROM receipts WHERE key = ? AND owner IN (?, '')", arguments: [receipt.key, receipt.owner])
    }
}
