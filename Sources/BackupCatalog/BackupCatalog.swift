// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Foundation
import GRDB

/// What the daemon knows of volumes and backups: two SQLite tables, and the only place where a status changes.
///
/// One connection, held exclusively: with two, the SQLite of Debian 12 can lose a commit when the log is reset.
/// All methods are synchronous, may be called from any thread, and wait for one another. Each happens as a whole or not
/// at all, and is durable when it returns; those that change something and wait at the same time share a transaction
/// (`WriteLine`). None may be called from a closure that was handed to another one, and such a closure may be called
/// twice.
package final class BackupCatalog: Sendable {
    /// The name of the database inside the directory that `init` is given.
    package static let fileName = "catalog.sqlite"

    private let queue: DatabaseQueue
    private let writes: WriteLine
    private let now: @Sendable () -> Timestamp
    /// Left by every transaction that changes something; see `leaving`.
    let receipt: Receipt?
    /// Backups and restores that may wait for their turn.
    let maxWaitingJobs: Int

    /// Opens the catalog in `directory`, making or upgrading it as needed.
    ///
    /// `didCommit` is told of every change of a row, once it is durable, in the order of the changes; what one method
    /// did comes together. Everybody waits for it, and it must not call the catalog.
    ///
    /// Throws `newerSchema` when a later version wrote it, `damaged` when it is no sound database, `inUse` when
    /// another process has it open, `notDurable` when SQLite will not wait for the disk.
    /// - Parameter maxWaitingJobs: with so many backups and restores waiting, another one is refused. What is in the
    ///   catalog already stays.
    package init(
        directory: String, maxWaitingJobs: Int = .max, now: @escaping @Sendable () -> Timestamp,
        didCommit: @escaping @Sendable ([CatalogChange]) -> Void = { _ in }
    ) throws(CatalogError) {
        let path = directory + "/" + Self.fileName
        self.now = now
        self.maxWaitingJobs = maxWaitingJobs
        writes = WriteLine(telling: didCommit)
        receipt = nil
        do {
            queue = try CatalogDatabase.open(path: path)
        } catch {
            throw CatalogError(opening: path, error)
        }
    }

    /// The same catalog as one request uses it: whatever it changes, it leaves `receipt` in the same transaction. For
    /// the work of this request alone, and never for a job.
    package func leaving(_ receipt: Receipt) -> BackupCatalog {
        BackupCatalog(self, receipt)
    }

    private init(_ other: BackupCatalog, _ receipt: Receipt) {
        queue = other.queue
        writes = other.writes
        maxWaitingJobs = other.maxWaitingJobs
        now = other.now
        self.receipt = receipt
    }

    /// Writes the log back into the database and lets go of the file. Every later call throws `storage`.
    package func close() throws(CatalogError) {
        do { try queue.close() } catch { throw CatalogError(error) }
    }

    /// One trivial read, for the watchdog: it returns when the database answers.
    package func tick() throws(CatalogError) {
        try glance { db in _ = try Int.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM backups LIMIT 1")) }
    }

    /// One small write that reaches the disk, and changes nothing: it returns when the catalog can be written.
    package func touch() throws(CatalogError) {
        try unmarked { tables in
            // The page that holds the number is written and flushed, also where the number stays the same.
            try tables.database.execute(sql: "PRAGMA user_version = \(CatalogSchema.version)")
        }
    }

    /// `PRAGMA synchronous` as SQLite reports it: 2 is FULL, a flush at every commit.
    package func synchronousSetting() throws(CatalogError) -> Int {
        try glance { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1 }
    }

    /// Runs `body` in a transaction that cannot write.
    func read<T>(_ body: (CatalogTables) throws -> T) throws(CatalogError) -> T {
        try glance { db in
            try db.withReadTransaction { try body(CatalogTables(database: db, now: now())) }
        }
    }

    /// Runs `body`; an error undoes what it has done, and nothing else. It is run again where the transaction that it
    /// shares has failed.
    /// - Parameter id: of what it makes, for the receipt.
    func write<T>(making id: ResourceID? = nil, _ body: (CatalogTables) throws -> T) throws(CatalogError) -> T {
        try unmarked { tables in
            let result = try body(tables)
            if let receipt { try tables.leave(receipt, for: id) }
            return result
        }
    }

    /// The same without a receipt.
    func unmarked<T>(_ body: (CatalogTables) throws -> T) throws(CatalogError) -> T {
        var result: T?
        do {
            try writes.write(in: queue) { db in
                let tables = CatalogTables(database: db, now: now())
                result = try body(tables)
                return tables.changes.changes
            }
        } catch { throw CatalogError(error) }
        guard let result else { throw .storage("a write was not done") }
        return result
    }

    /// Runs one `SELECT` without a transaction of its own: the cheap way for what jobs ask before every chunk.
    func glance<T>(_ body: (Database) throws -> T) throws(CatalogError) -> T {
        do {
            return try queue.unsafeRead { db in
                // SQLite does not look whether there is a connection, and not every call of GRDB does.
                guard db.sqliteConnection != nil else { throw CatalogError.storage("the catalog is closed") }
                return try body(db)
            }
        } catch { throw CatalogError(error) }
    }
}

extension Database {
    fileprivate func withReadTransaction<T>(_ body: () throws -> T) throws -> T {
        try readOnly {
            try beginTransaction(.deferred)
            do {
                let result = try body()
                try commit()
                return result
            } catch {
                try? rollback()
                throw error
            }
        }
    }
}
