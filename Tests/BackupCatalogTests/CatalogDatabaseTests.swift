// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import GRDB
import Testing

struct CatalogDatabaseTests {
    @Test func `the file and its log are for the owner only`() throws {
        let fixture = try CatalogFixture()
        try fixture.addVolume()
        for suffix in ["", "-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        // The index of the log lives in memory: there is one connection.
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "-shm"))
    }

    @Test func `a second opening of the same catalog is refused`() throws {
        let fixture = try CatalogFixture()
        #expect(throws: CatalogError.inUse(path: fixture.path)) { try open(fixture.directory) }
    }

    @Test func `what was committed survives a crash`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let record = try fixture.catalog.createBackup(fixture.newBackup(of: volume.id))
        let reopened = try open(fixture.crashImage())
        #expect(try reopened.backup(record.id) == fixture.catalog.backup(record.id))
        #expect(try reopened.volume(volume.id).status == .backingUp)
        try reopened.close()
    }

    @Test func `what was committed survives closing`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        try fixture.catalog.close()
        let reopened = try open(fixture.directory)
        #expect(try reopened.volume(volume.id) == volume)
        #expect(throws: CatalogError.self) { try fixture.catalog.tick() }
        try reopened.close()
    }

    @Test func `whoever comes after the closing gets an error`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let catalog = fixture.catalog
        try catalog.close()
        #expect(throws: CatalogError.self) { try catalog.tick() }
        #expect(throws: CatalogError.self) { try catalog.touch() }
        #expect(throws: CatalogError.self) { try catalog.volumes() }
        #expect(throws: CatalogError.self) { try catalog.volume(volume.id) }
        #expect(throws: CatalogError.self) { try catalog.summary() }
        #expect(throws: CatalogError.self) { try catalog.createBackup(fixture.newBackup(of: volume.id)) }
        #expect(throws: CatalogError.self) { try catalog.synchronousSetting() }
        try catalog.close()
    }

    @Test func `commits wait for the disk`() throws {
        let fixture = try CatalogFixture()
        #expect(try fixture.catalog.synchronousSetting() == 2)
    }

    @Test func `a newer schema is refused and left alone`() throws {
        let fixture = try CatalogFixture()
        try fixture.catalog.close()
        try edit(fixture.path, "PRAGMA user_version = 8")
        let before = FileManager.default.contents(atPath: fixture.path)
        #expect(throws: CatalogError.newerSchema(found: 8, known: 7)) { try open(fixture.directory) }
        #expect(FileManager.default.contents(atPath: fixture.path) == before)
    }

    @Test func `a file that is no database is refused and left alone`() throws {
        let fixture = try CatalogFixture()
        try fixture.catalog.close()
        let picture = Data("this is not a database, but long enough to be taken for one".utf8)
        try picture.write(to: URL(fileURLWithPath: fixture.path))
        let error = #expect(throws: CatalogError.self) { try open(fixture.directory) }
        guard case .damaged(fixture.path, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(FileManager.default.contents(atPath: fixture.path) == picture)
    }

    @Test func `damaged pages never bring the process down`() throws {
        let fixture = try CatalogFixture()
        for _ in 0..<40 { try fixture.addBackup(of: fixture.addVolume().id) }
        try fixture.catalog.close()
        let sound = try #require(FileManager.default.contents(atPath: fixture.path))
        var generator = SeededGenerator(seed: 1)
        var refused = 0
        for _ in 0..<100 {
            var damaged = sound
            for _ in 0..<20 {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            try damaged.write(to: URL(fileURLWithPath: fixture.path))
            do {
                let catalog = try open(fixture.directory)
                _ = try catalog.backups()
                _ = try catalog.volumes()
                try catalog.close()
            } catch {
                refused += 1
            }
            for suffix in ["-wal", "-journal"] { try? FileManager.default.removeItem(atPath: fixture.path + suffix) }
        }
        #expect(refused > 0)
    }

    @Test func `a value that makes no sense is an error`() throws {
        let fixture = try CatalogFixture()
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        try fixture.catalog.close()
        try edit(fixture.path, "UPDATE backups SET status = 'lost'")
        let reopened = try open(fixture.directory)
        #expect(throws: CatalogError.storage("a row of table backups has no sensible status")) {
            try reopened.backup(backup.id)
        }
        try reopened.close()
    }

    @Test func `a directory that is not there is an error`() {
        #expect(throws: CatalogError.self) { try open("/nonexistent/directory") }
    }

    @discardableResult
    private func open(_ directory: String) throws -> BackupCatalog {
        try BackupCatalog(directory: directory) { Timestamp(microseconds: 0) }
    }

    private func edit(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
    }
}
