// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import GRDB
import Testing

struct SummaryTests {
    @Test func `backups are counted by their status, without deleted ones`() throws {
        let fixture = try CatalogFixture()
        for status in BackupStatus.allCases { _ = try fixture.addBackup(in: status) }
        _ = try fixture.addBackup(in: .available)
        let counts = try fixture.catalog.summary().backups
        #expect(
            counts == [
                .creating: 1, .available: 2, .restoring: 1, .deleting: 1, .error: 1, .errorDeleting: 1,
            ])
    }

    @Test func `a volume that was never backed up has no success`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let summary = try #require(try fixture.catalog.summary().volumes.first)
        #expect(summary.id == volume.id)
        #expect(summary.createdAt == volume.createdAt)
        #expect(summary.lastAttempt == nil)
        #expect(summary.lastSuccess == nil)
    }

    @Test func `the last completed backup counts, with what it took`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        try fixture.addBackup(of: volume.id)
        let first = try success(of: volume.id, fixture.catalog)
        try fixture.addBackup(of: volume.id)
        let second = try success(of: volume.id, fixture.catalog)
        #expect(second.endedAt > first.endedAt)
        #expect(try #require(second.begunAt) < second.endedAt)
        #expect(second.sizeBytes == 1 << 20)
        #expect(second.storedBytes == 10)
    }

    @Test func `renaming and restoring do not make a backup younger`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        let before = try success(of: volume.id, fixture.catalog)
        try fixture.catalog.updateBackup(backup.id) { $0.name = "another" }
        try fixture.catalog.requestRestore(of: backup.id, to: volume.id)
        #expect(try success(of: volume.id, fixture.catalog) == before)
        _ = try fixture.catalog.finishRestore(backup.id)
        #expect(try success(of: volume.id, fixture.catalog) == before)
    }

    @Test func `a failed backup is an attempt and no success`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        try fixture.addBackup(of: volume.id)
        let before = try #require(try fixture.catalog.summary().volumes.first)
        let failed = try fixture.catalog.createBackup(fixture.newBackup(of: volume.id))
        #expect(try fixture.catalog.summary().volumes.first == before, "it has not begun")
        _ = try fixture.catalog.beginJob(failed.id, expecting: .creating)
        _ = try fixture.catalog.failBackup(failed.id, reason: "r")
        let after = try #require(try fixture.catalog.summary().volumes.first)
        #expect(after.lastSuccess == before.lastSuccess)
        #expect(try #require(after.lastAttempt) > #require(before.lastAttempt))
    }

    @Test func `when the last backup is deleted, the one before it counts`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let first = try fixture.addBackup(of: volume.id)
        let before = try success(of: volume.id, fixture.catalog)
        let second = try fixture.addBackup(of: volume.id)
        _ = try fixture.catalog.requestDeletion(second.id)
        #expect(try success(of: volume.id, fixture.catalog) == before, "a backup that is being deleted is none")
        try fixture.catalog.finishDeletion(second.id)
        #expect(try success(of: volume.id, fixture.catalog) == before)
        _ = try fixture.catalog.requestDeletion(first.id)
        #expect(try fixture.catalog.summary().volumes.first?.lastSuccess == nil)
    }

    @Test func `an imported backup is as old as it says`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        var record = fixture.newBackup(of: volume.id)
        record.createdAt = Timestamp(microseconds: 5_000_000)
        try fixture.catalog.importBackup(record)
        let success = try success(of: volume.id, fixture.catalog)
        #expect(success.endedAt == record.createdAt)
        #expect(success.begunAt == nil)
        #expect(try fixture.catalog.summary().volumes.first?.lastAttempt == nil)
    }

    @Test func `a volume that is not registered is not told of`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        try fixture.addBackup(of: volume.id)
        _ = try fixture.catalog.removeVolume(volume.id)
        let summary = try fixture.catalog.summary()
        #expect(summary.volumes.isEmpty)
        #expect(summary.backups[.available] == 1)
    }

    @Test func `a catalog of the release before is upgraded, and its backups are not younger for it`() throws {
        let fixture = try CatalogFixture()
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        let failed = try fixture.addBackup(in: .error)
        try fixture.catalog.close()
        try takeBackSecondMigration(fixture.path)

        let catalog = try BackupCatalog(directory: fixture.directory) { Timestamp(microseconds: 9_000_000_000_000) }
        let success = try success(of: volume.id, catalog)
        #expect(success.endedAt == backup.createdAt)
        #expect(success.begunAt == nil)
        #expect(try catalog.backup(backup.id) == backup)
        #expect(try catalog.backup(failed.id).status == .error)
        #expect(try catalog.summary().volumes.map(\.lastAttempt) == [nil, nil])
        #expect(try catalog.done(Receipt(key: "k", request: "r")) == nil)
        try catalog.close()
    }

    private func takeBackSecondMigration(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP INDEX backups_by_attempt;
                    DROP INDEX backups_by_success;
                    DROP INDEX backups_by_making;
                    DROP INDEX backups_by_inspection;
                    ALTER TABLE backups DROP COLUMN made;
                    ALTER TABLE backups DROP COLUMN inspection;
                    CREATE INDEX backups_by_volume ON backups (volume_id, data_timestamp);
                    ALTER TABLE backups DROP COLUMN begun_at;
                    ALTER TABLE backups DROP COLUMN ended_at;
                    DROP TABLE receipts;
                    ALTER TABLE backups DROP COLUMN protected;
                    DELETE FROM grdb_migrations WHERE substr(identifier, 1, 2) IN ('2 ', '5 ', '7 ');
                    PRAGMA user_version = 1;
                    """)
        }
        try queue.close()
    }

    private func success(of id: ResourceID, _ catalog: BackupCatalog) throws -> VolumeSummary.Success {
        let summary = try #require(try catalog.summary().volumes.first { $0.id == id })
        return try #require(summary.lastSuccess)
    }
}
