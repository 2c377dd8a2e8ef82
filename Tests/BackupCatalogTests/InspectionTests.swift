// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import GRDB
import Testing

struct InspectionTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    private func imported(parent: ResourceID? = nil) throws -> ResourceID {
        var record = fixture.newBackup(of: .random(), parent: parent)
        (record.container, record.prefix, record.objectCount) = ("\(record.id)", "p", 7)
        record.compression = nil
        return try catalog.importBackup(record).id
    }

    private func purpose(_ id: ResourceID) throws -> Inspection? { try catalog.inspection(of: id)?.purpose }

    @Test func `an imported backup has to be measured, and stays so over a restart`() throws {
        let id = try imported()
        #expect(try purpose(id) == .measure)
        let reopened = try BackupCatalog(directory: fixture.crashImage()) { Timestamp(microseconds: 0) }
        #expect(try reopened.backupsToInspect() == [id])
        try reopened.close()

        try catalog.finishMeasurement(of: id, Measurement(objectCount: 3, sizeBytes: 5 << 30))
        #expect(try purpose(id) == nil)
        #expect(try catalog.backupsToInspect() == [])
        let backup = try catalog.backup(id)
        #expect(backup.objectCount == 3 && backup.sizeBytes == 5 << 30 && backup.sizeGiB == 5)
    }

    @Test func `without its ancestors the length stays open, and is asked for when the parent comes`() throws {
        let parent = ResourceID.random()
        let child = try imported(parent: parent)
        try catalog.finishMeasurement(of: child, Measurement(objectCount: 3, sizeBytes: nil))
        #expect(try catalog.backup(child).objectCount == 3)
        #expect(try catalog.childrenToMeasure(of: parent) == [child])
        try catalog.finishMeasurement(of: child, Measurement(objectCount: 3, sizeBytes: 9))
        #expect(try catalog.childrenToMeasure(of: parent) == [])
    }

    @Test func `what could not be read is tried again, and forgets the remark then`() throws {
        let id = try imported()
        try catalog.postponeMeasurement(of: id, remark: "not there")
        #expect(try catalog.backup(id).remark == "not there")
        #expect(try catalog.backupsToInspect() == [id])
        try catalog.finishMeasurement(of: id, Measurement(objectCount: 1, sizeBytes: 2))
        #expect(try catalog.backup(id).remark == nil)
    }

    @Test func `a refused import is taken back, or is in error`() throws {
        let id = try imported()
        try catalog.withdrawImport(of: id)
        #expect(try catalog.backup(id).status == .available, "nobody has refused it")
        try catalog.refuseImport(of: id, reason: "another's")
        #expect(try catalog.backup(id).status == .error)
        #expect(try catalog.backup(id).failReason == "another's")
        #expect(try catalog.backupsToInspect() == [])
        try catalog.withdrawImport(of: id)
        #expect(throws: CatalogError.backupNotFound(id)) { try catalog.backup(id) }
    }

    @Test func `a backup is available when the proof is there`() throws {
        let id = try fixture.addBackup(in: .error).id
        try catalog.requestProof(of: id)
        #expect(try catalog.backup(id).status == .error)
        #expect(try purpose(id) == .prove)
        try catalog.finishProof(of: id)
        #expect(try catalog.backup(id).status == .available)
        #expect(try purpose(id) == nil)
    }

    @Test func `a proof that fails leaves the status, and says why`() throws {
        let id = try fixture.addBackup(in: .errorDeleting).id
        try catalog.requestProof(of: id)
        try catalog.refuseProof(of: id, reason: "an object is missing")
        let backup = try catalog.backup(id)
        #expect(backup.status == .errorDeleting && backup.failReason == "an object is missing")
        try catalog.finishProof(of: id)
        #expect(try catalog.backup(id).status == .errorDeleting, "nobody asks any more")
    }

    @Test func `a deletion and a reset that come meanwhile win over a proof`() throws {
        let deleted = try fixture.addBackup(in: .error).id
        try catalog.requestProof(of: deleted)
        _ = try catalog.requestDeletion(deleted)
        try catalog.finishProof(of: deleted)
        #expect(try catalog.backup(deleted).status == .deleting)
        try catalog.failDeletion(deleted, reason: "no permission")
        try catalog.finishProof(of: deleted)
        #expect(try catalog.backup(deleted).status == .errorDeleting)
        #expect(try catalog.backupsToInspect() == [])

        let reset = try fixture.addBackup(in: .available).id
        try catalog.requestProof(of: reset)
        try catalog.resetBackupStatus(reset, to: .error)
        try catalog.finishProof(of: reset)
        #expect(try catalog.backup(reset).status == .error)
    }

    @Test func `an imported backup that was proven is measured all the same`() throws {
        let id = try imported()
        try catalog.requestProof(of: id)
        try catalog.finishProof(of: id)
        #expect(try purpose(id) == .measure)
    }

    @Test func `a proof is asked for where the status may be reset, and nowhere else`() throws {
        for status in [BackupStatus.creating, .restoring, .deleting] {
            let id = try fixture.addBackup(in: status).id
            #expect(throws: CatalogError.self, "\(status)") { try catalog.requestProof(of: id) }
            #expect(try catalog.backupsToInspect() == [])
        }
        let parent = try fixture.addBackup(of: fixture.addVolume().id)
        let child = try fixture.addBackup(of: parent.volumeID, parent: parent.id)
        try catalog.resetBackupStatus(child.id, to: .error)
        try catalog.requestProof(of: child.id)
        // As if its metadata object were not there: then nothing stands on the parent.
        try catalog.noteNoMetadata(child.id)
        _ = try catalog.requestDeletion(parent.id)
        #expect(throws: CatalogError.parentUnavailable(parent.id, status: .deleting)) {
            try catalog.finishProof(of: child.id)
        }
    }

    @Test func `a receipt goes when what was begun under it has failed`() throws {
        let id = try fixture.addBackup(in: .error).id
        let receipt = Receipt(key: "k", request: "r")
        let keyed = catalog.leaving(receipt)
        try keyed.requestProof(of: id)
        #expect(try catalog.done(receipt) != nil)
        try keyed.takeBackReceipt()
        #expect(try catalog.done(receipt) == nil)
    }

    @Test func `an older catalog learns its order from the times, and what it has not measured is measured`() throws {
        let volume = try fixture.addVolume()
        let ids = try (0..<4).map { _ in try fixture.addBackup(of: volume.id).id }
        try catalog.close()
        let queue = try DatabaseQueue(path: fixture.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    DROP INDEX backups_by_success;
                    DROP INDEX backups_by_making;
                    DROP INDEX backups_by_inspection;
                    ALTER TABLE backups DROP COLUMN made;
                    ALTER TABLE backups DROP COLUMN inspection;
                    CREATE INDEX backups_by_volume ON backups (volume_id, data_timestamp);
                    CREATE INDEX backups_by_success ON backups (volume_id, ended_at)
                        WHERE status IN ('available', 'restoring');
                    DELETE FROM grdb_migrations WHERE identifier LIKE '5 %';
                    PRAGMA user_version = 2;
                    """)
            // The second was made last. The others are of one second, and the fourth is the ancestor of the third.
            try db.execute(sql: "UPDATE backups SET data_timestamp = 5")
            try db.execute(sql: "UPDATE backups SET data_timestamp = 6 WHERE id = ?", arguments: [ids[1].text])
            try db.execute(sql: "UPDATE backups SET parent_id = ? WHERE id = ?", arguments: [ids[3].text, ids[0].text])
            try db.execute(sql: "UPDATE backups SET parent_id = ? WHERE id = ?", arguments: [ids[0].text, ids[2].text])
            try db.execute(sql: "UPDATE backups SET size_bytes = NULL WHERE id = ?", arguments: [ids[2].text])
        }
        try queue.close()

        let upgraded = try BackupCatalog(directory: fixture.directory) { Timestamp(microseconds: 9_000_000_000_000) }
        var order: [ResourceID] = []
        while let newest = try upgraded.newestParent(ofVolume: volume.id) {
            order.append(newest.id)
            try upgraded.resetBackupStatus(newest.id, to: .error)
        }
        #expect(order == [ids[1], ids[2], ids[0], ids[3]])
        #expect(try upgraded.backupsToInspect() == [ids[2]])
        try upgraded.close()
    }
}
