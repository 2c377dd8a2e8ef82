// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import GRDB
import Synchronization
import Testing

struct ReceiptTests {
    private let receipt = Receipt(key: "k", request: "r")
    private let answer = KeptAnswer(status: 202, location: "/v3/x", body: "{}")

    @Test func `what is done is marked in the same transaction`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let backup = fixture.newBackup(of: volume.id)
        #expect(try fixture.catalog.done(receipt) == nil)
        try fixture.catalog.leaving(receipt).createBackup(backup)
        let done = try #require(try fixture.catalog.done(receipt))
        #expect(done.made == backup.id)
        #expect(done.answer == nil)

        let reopened = try open(fixture.crashImage())
        #expect(try reopened.done(receipt) == done)
        #expect(try reopened.backup(backup.id).status == .creating)
        try reopened.close()
    }

    @Test func `under one key each owner has his own`() throws {
        let fixture = try CatalogFixture()
        let mine = Receipt(owner: "uid:1", key: "k", request: "r")
        let theirs = Receipt(owner: "uid:2", key: "k", request: "another")
        let volume = fixture.newVolume()
        try fixture.catalog.leaving(mine).insert(volume)
        #expect(try fixture.catalog.done(theirs) == nil)
        let other = fixture.newVolume()
        try fixture.catalog.leaving(theirs).insert(other)
        try fixture.catalog.keep(answer, for: theirs)
        #expect(try fixture.catalog.done(mine)?.made == volume.id)
        #expect(try fixture.catalog.done(mine)?.answer == nil)
        #expect(try fixture.catalog.done(theirs)?.made == other.id)
        #expect(try fixture.catalog.done(theirs)?.answer == answer)
        try fixture.catalog.leaving(theirs).takeBackReceipt()
        #expect(try fixture.catalog.done(theirs) == nil)
        #expect(try fixture.catalog.done(mine)?.made == volume.id)
        #expect(throws: CatalogError.keyReused("k")) {
            try fixture.catalog.done(Receipt(owner: "uid:1", key: "k", request: "another"))
        }
    }

    @Test func `one from before there were owners is everybody's`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try fixture.catalog.close()
        let queue = try DatabaseQueue(path: fixture.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP TABLE receipts;
                    CREATE TABLE receipts (
                        key TEXT NOT NULL PRIMARY KEY, request TEXT NOT NULL, created_at INTEGER NOT NULL, made TEXT,
                        status INTEGER, location TEXT, body TEXT) STRICT;
                    CREATE INDEX receipts_by_time ON receipts (created_at);
                    ALTER TABLE backups DROP COLUMN protected;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '7 %';
                    PRAGMA user_version = 6;
                    """)
            try db.execute(
                sql: "INSERT INTO receipts (key, request, created_at, made) VALUES ('k', 'r', 5, ?)",
                arguments: [volume.id.text])
        }
        try queue.close()

        let catalog = try BackupCatalog(directory: fixture.directory) { Timestamp(microseconds: 9) }
        let mine = Receipt(owner: "uid:1", key: "k", request: "r")
        #expect(try catalog.done(mine)?.made == volume.id)
        try catalog.keep(answer, for: mine)
        #expect(try catalog.done(Receipt(owner: "uid:2", key: "k", request: "r"))?.answer == answer)
        #expect(throws: CatalogError.keyReused("k")) {
            try catalog.done(Receipt(owner: "uid:1", key: "k", request: "another"))
        }
        #expect(try !catalog.backup(backup.id).isProtected)
        try catalog.close()
    }

    @Test func `what was refused leaves nothing`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume(.backingUp)
        #expect(throws: CatalogError.volumeBusy(volume.id, status: .backingUp)) {
            try fixture.catalog.leaving(receipt).createBackup(fixture.newBackup(of: volume.id))
        }
        #expect(try fixture.catalog.done(receipt) == nil)
    }

    @Test func `everything that makes something says what`() throws {
        let fixture = try CatalogFixture()
        func made(_ key: String, _ body: (BackupCatalog) throws -> Void) throws -> ResourceID? {
            let receipt = Receipt(key: key, request: "r")
            try body(fixture.catalog.leaving(receipt))
            return try #require(try fixture.catalog.done(receipt)).made
        }
        let volume = fixture.newVolume()
        #expect(try made("register") { try $0.insert(volume) } == volume.id)
        let backup = try fixture.addBackup(of: volume.id)
        #expect(try made("restore") { try $0.requestRestore(of: backup.id, to: volume.id) } == volume.id)
        _ = try fixture.catalog.failRestore(backup.id, reason: "r", targetWritten: false)
        let new = fixture.newVolume()
        #expect(try made("restore to new") { try $0.requestRestore(of: backup.id, into: new) } == new.id)
        _ = try fixture.catalog.failRestore(backup.id, reason: "r", targetWritten: false)
        let imported = fixture.newBackup(of: volume.id)
        #expect(try made("import") { try $0.importBackup(imported) } == imported.id)
        #expect(try made("reset") { try $0.resetVolumeStatus(volume.id) } == nil)
        #expect(try made("delete") { _ = try $0.requestDeletion(backup.id) } == nil)
        #expect(try made("forget") { _ = try $0.removeVolume(volume.id) } == nil)
    }

    @Test func `what is taken back takes its receipt along`() throws {
        let fixture = try CatalogFixture()
        let volume = fixture.newVolume()
        let catalog = fixture.catalog.leaving(receipt)
        try catalog.insert(volume)
        try catalog.withdraw(volume.id)
        #expect(try fixture.catalog.done(receipt) == nil)
        #expect(throws: CatalogError.volumeNotFound(volume.id)) { try fixture.catalog.volume(volume.id) }
    }

    @Test func `an answer is kept, with and without work before`() throws {
        let fixture = try CatalogFixture()
        try fixture.catalog.keep(answer, for: receipt)
        #expect(try fixture.catalog.done(receipt)?.answer == answer)

        let volume = fixture.newVolume()
        let other = Receipt(key: "other", request: "r")
        try fixture.catalog.leaving(other).insert(volume)
        try fixture.catalog.keep(KeptAnswer(status: 202, location: nil, body: nil), for: other)
        let done = try #require(try fixture.catalog.done(other))
        #expect(done.made == volume.id)
        #expect(done.answer == KeptAnswer(status: 202, location: nil, body: nil))
    }

    @Test func `a long answer is not kept, but that the work was done is`() throws {
        let fixture = try CatalogFixture()
        let volume = fixture.newVolume()
        try fixture.catalog.leaving(receipt).insert(volume)
        let body = String(repeating: "x", count: 70_000)
        try fixture.catalog.keep(KeptAnswer(status: 202, location: nil, body: body), for: receipt)
        let done = try #require(try fixture.catalog.done(receipt))
        #expect(done.made == volume.id)
        #expect(done.answer == nil)
    }

    @Test func `a key stands for one request`() throws {
        let fixture = try CatalogFixture()
        try fixture.catalog.keep(answer, for: receipt)
        #expect(throws: CatalogError.keyReused("k")) {
            try fixture.catalog.done(Receipt(key: "k", request: "another"))
        }
    }

    @Test func `after a day a key is new`() throws {
        let directory = try CatalogFixture()  // for its directory
        try directory.catalog.close()
        let seconds = Mutex<Int64>(1_000_000)
        let catalog = try BackupCatalog(directory: directory.directory) {
            Timestamp(microseconds: seconds.withLock { $0 } * 1_000_000)
        }
        try catalog.keep(answer, for: receipt)
        seconds.withLock { $0 += 24 * 3600 - 1 }
        #expect(try catalog.done(receipt)?.answer == answer)
        seconds.withLock { $0 += 1 }
        let other = Receipt(key: "k", request: "another")
        #expect(try catalog.done(other) == nil)
        try catalog.keep(KeptAnswer(status: 201, location: nil, body: nil), for: other)
        #expect(try catalog.done(other)?.answer?.status == 201)
        try catalog.close()
    }

    @Test func `no more keys are kept than a day may have`() throws {
        let fixture = try CatalogFixture()
        try fixture.catalog.keep(answer, for: receipt)
        try fixture.catalog.close()
        let queue = try DatabaseQueue(path: fixture.path)
        try queue.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE number (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
                    INSERT INTO receipts (key, request, created_at) SELECT 'key' || n, 'r', created_at
                    FROM number, receipts WHERE key = 'k'
                    """, arguments: [BackupCatalog.receiptLimit])
        }
        try queue.close()
        let catalog = try BackupCatalog(directory: fixture.directory) { Timestamp(microseconds: 1_000_000_000_000) }
        let full = CatalogError.tooManyKeys(limit: BackupCatalog.receiptLimit)
        let volume = fixture.newVolume()
        #expect(throws: full) { try catalog.leaving(Receipt(key: "new", request: "r")).insert(volume) }
        #expect(throws: CatalogError.volumeNotFound(volume.id)) { try catalog.volume(volume.id) }
        #expect(try catalog.done(receipt)?.answer == answer, "the old ones still count")
        try catalog.insert(volume)
        try catalog.close()
    }

    private func open(_ directory: String) throws -> BackupCatalog {
        try BackupCatalog(directory: directory) { Timestamp(microseconds: 1_000_100_000_000) }
    }
}
