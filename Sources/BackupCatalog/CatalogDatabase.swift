// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// How the catalog's file is opened, and what it must be before it is trusted.
enum CatalogDatabase {
    static func open(path: String) throws -> DatabaseQueue {
        try createPrivateFile(path)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            // The order matters: a database that we must not touch is recognised before anything is written.
            try CatalogSchema.refuseNewer(db)
            try refuseDamage(db, path: path)
            try makeDurable(db)
        }
        try CatalogSchema.migrator.migrate(queue)
        guard chmod(path, 0o600) == 0 else { throw systemError("chmod", path) }
        return queue
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "catalog"
        // Records arrive in any order, and backups outlive their volumes: no foreign keys.
        configuration.foreignKeysEnabled = false
        // Before the first access, so that the log's index lives in our memory and not in a shared file.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        return configuration
    }

    /// Makes the file before SQLite does, which would make it readable by others; SQLite gives the log the same mode.
    private static func createPrivateFile(_ path: String) throws {
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemError("open", path) }
        _ = Foundation.close(descriptor)
    }

    private static func refuseDamage(_ db: Database, path: String) throws {
        let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else { throw CatalogError.damaged(path: path, reason: verdict) }
    }

    /// A write-ahead log, flushed at every commit. FULL goes last and is read back: GRDB and builds of SQLite
    /// lower it to NORMAL for WAL, under which a power cut may take back what a 202 has promised.
    private static func makeDurable(_ db: Database) throws {
        let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") ?? ""
        try db.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        guard journal == "wal", synchronous == 2 else {
            throw CatalogError.notDurable(journalMode: journal, synchronous: synchronous)
        }
    }

    private static func systemError(_ call: String, _ path: String) -> CatalogError {
        .storage("\(call) \(path): \(String(cString: strerror(errno)))")
    }
}
