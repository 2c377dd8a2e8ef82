// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import GRDB
import Testing

/// Backups that are known to be damaged.
struct DamageMarkTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    private func damagedCount() throws -> Int { try catalog.summary().damagedBackups }

    @Test(arguments: BackupStatus.allCases)
    func `a damaged backup counts, and says how, until it is deleted`(_ status: BackupStatus) throws {
        let backup = try fixture.addBackup(in: status)
        try catalog.markDamaged([(backup.id, "damaged: an object is missing")])
        try catalog.markDamaged([(backup.id, "damaged: two objects are missing")])
        let after = try catalog.backup(backup.id, includingDeleted: true)
        #expect(after.status == status)
        #expect(after.remark == (status == .deleted ? nil : "damaged: two objects are missing"))
        #expect(try damagedCount() == (status == .deleted ? 0 : 1))
    }

    @Test func `several are marked in one transaction, and an unknown one is passed over`() throws {
        let volume = try fixture.addVolume()
        let full = try fixture.addBackup(of: volume.id)
        let child = try fixture.addBackup(of: volume.id, parent: full.id)
        let told = fixture.toldChanges.count
        try catalog.markDamaged([(full.id, "a"), (.random(), "b"), (child.id, "c")])
        #expect(fixture.toldChanges.count == told + 1)
        #expect(try damagedCount() == 2)
        _ = try catalog.requestDeletion(child.id)
        try catalog.finishDeletion(child.id)
        #expect(try damagedCount() == 1)
    }

    @Test func `one that was mended is made available again by hand`() throws {
        let backup = try fixture.addBackup(in: .available)
        let other = try fixture.addBackup(in: .available)
        try catalog.markDamaged([(backup.id, "damaged: x"), (other.id, "damaged: y")])
        try catalog.resetBackupStatus(backup.id, to: .error)
        #expect(try damagedCount() == 2)
        try catalog.resetBackupStatus(backup.id, to: .available)
        #expect(try damagedCount() == 1)
        #expect(try catalog.backup(backup.id).remark == nil)
        #expect(try catalog.backup(other.id).remark == "damaged: y")
    }

    @Test func `the remark of a backup that is not damaged stays`() throws {
        let volume = try fixture.addVolume()
        let full = try fixture.addBackup(of: volume.id)
        let child = try catalog.createBackup(fixture.newBackup(of: volume.id, parent: full.id))
        #expect(try catalog.turnIntoFull(child.id, remark: "the volume shrank"))
        _ = try catalog.finishBackup(child.id, objectCount: 1, storedBytes: 1, sizeBytes: 1)
        try catalog.resetBackupStatus(child.id, to: .available)
        #expect(try catalog.backup(child.id).remark == "the volume shrank")
    }

    @Test func `a backup can stand on the newest one, damaged or not, and is newer then`() throws {
        let volume = try fixture.addVolume()
        let damaged = try fixture.addBackup(of: volume.id)
        try catalog.markDamaged([(damaged.id, "damaged: x")])
        #expect(try catalog.newestParent(ofVolume: volume.id)?.id == damaged.id)
        let full = try fixture.addBackup(of: volume.id)
        #expect(try catalog.newestParent(ofVolume: volume.id)?.id == full.id)
    }

    @Test func `no backup of an older catalog is damaged`() throws {
        let backup = try fixture.addBackup(in: .available)
        try catalog.close()
        let queue = try DatabaseQueue(path: fixture.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP INDEX backups_by_damage;
                    ALTER TABLE backups DROP COLUMN damaged_at;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '6 %';
                    """)
        }
        try queue.close()
        let upgraded = try BackupCatalog(directory: fixture.directory, now: { backup.createdAt })
        #expect(try upgraded.summary().damagedBackups == 0)
        try upgraded.markDamaged([(backup.id, "damaged: x")])
        #expect(try upgraded.summary().damagedBackups == 1)
        try upgraded.close()
    }
}
