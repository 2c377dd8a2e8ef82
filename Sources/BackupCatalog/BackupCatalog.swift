// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Foundation
import GRDB

/// What the daemon knows of volumes and backups: two SQLite tables, and the only place where a status changes.
///
/// One connection, held exclusively: with two, the SQLite of Debian 12 can lose a commit when the log is reset.
/// All methods are synchronous, may be called from any thread, and wait for one another. Each is one transaction
/// that is durable when the method returns. None may be called from a closure that was handed to another one.
package final class BackupCatalog: Sendable {
    /// The name of the database inside the directory that `init` is given.
    package static let fileName = "catalog.sqlite"

    private let queue: DatabaseQueue
    private let now: @Sendable () -> Timestamp
    private let didCommit: @Sendable ([CatalogChange]) -> Void

    /// Opens the catalog in `directory`, making or upgrading it as needed.
    ///
    /// `didCommit` is told of every change of a row, once it is durable, in the order of the transactions; what one
    /// transaction did comes together. Everybody waits for it, and it must not call the catalog.
    ///
    /// Throws `newerSchema` when a later version wrote it, `damaged` when it is no sound database, `inUse` when
    /// another process has it open, `notDurable` when SQLite will not wait for the disk.
    package init(
        directory: String, now: @escaping @Sendable () -> Timestamp,
        didCommit: @escaping @Sendable ([CatalogChange]) -> Void = { _ in }
    ) throws(CatalogError) {
        let path = directory + "/" + Self.fileName
        self.now = now
        self.didCommit = didCommit
        do {
            queue = try CatalogDatabase.open(path: path)
        } catch {
            throw CatalogError(opening: path, error)
        }
    }

    /// Writes the log back into the database and lets go of the file. Every later call throws `storage`.
    package func close() throws(CatalogError) {
        do { try queue.close() } catch { throw CatalogError(error) }
    }

    /// One trivial read, for the watchdog: it returns when the database answers.
    package func tick() throws(CatalogError) {
        try glance { db in _ = try Int.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM backups LIMIT 1")) }
    }

    /// `PRAGMA synchronous` as SQLite reports it: 2 is FULL, a flush at every commit.
    package func synchronousSetting() throws(CatalogError) -> Int {
        try glance { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1 }
    }

    /// Runs `body` in a transaction that cannot write.
    func read<T>(_ body: (CatalogTables) throws -> T) throws(CatalogError) -> T {
        do {
            return try queue.read { db in try body(CatalogTables(database: db, now: now())) }
        } catch { throw CatalogError(error) }
    }

    /// Runs `body` in a transaction; an error rolls it back.
    func write<T>(_ body: (CatalogTables) throws -> T) throws(CatalogError) -> T {
        do {
            return try queue.write { db in
                let tables = CatalogTables(database: db, now: now())
                let result = try body(tables)
                let changes = tables.changes.changes
                // Still inside the queue, so that nobody can commit, or read, between the commit and this.
                if !changes.isEmpty { db.afterNextTransaction { [didCommit] _ in didCommit(changes) } }
                return result
            }
        } catch { throw CatalogError(error) }
    }

    /// Runs one `SELECT` without a transaction of its own: the cheap way for what jobs ask before every chunk.
    func glance<T>(_ body: (Database) throws -> T) throws(CatalogError) -> T {
        do { return try queue.unsafeRead(body) } catch { throw CatalogError(error) }
    }
}
