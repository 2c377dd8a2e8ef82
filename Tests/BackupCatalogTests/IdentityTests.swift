// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

struct IdentityTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    @Test func `a catalog has an id of its own, which a copy keeps`() throws {
        let identity = try catalog.identity()
        #expect(identity.epoch == 0 && identity.repositoryID == nil && !identity.isRolledBack)
        let copy = try BackupCatalog(directory: fixture.crashImage()) { Timestamp(microseconds: 0) }
        #expect(try copy.identity() == identity)
        let other = try CatalogFixture()
        #expect(try other.catalog.identity().catalogID != identity.catalogID)
    }

    @Test func `jobs are counted, and the repository is remembered`() throws {
        let repository = ResourceID.random()
        #expect(try catalog.raiseEpoch() == 1)
        #expect(try catalog.raiseEpoch() == 2)
        try catalog.setRepository(repository)
        #expect(try catalog.identity().epoch == 2)
        #expect(try catalog.identity().repositoryID == repository)
    }

    @Test func `what waits in a catalog from an earlier state ends, and is not run, when that is accepted`() throws {
        let volume = try fixture.addVolume()
        let restoring = try fixture.addBackup(of: volume.id)
        let deleting = try fixture.addBackup(of: volume.id)
        let failed = try fixture.addBackup(of: volume.id)
        let target = try fixture.addVolume()
        try catalog.requestRestore(of: restoring.id, to: target.id)
        _ = try catalog.requestDeletion(deleting.id)
        try catalog.resetBackupStatus(failed.id, to: .error)
        _ = try catalog.requestDeletion(failed.id)
        let creating = try catalog.createBackup(fixture.newBackup(of: volume.id))
        let other = try fixture.addVolume()
        let cancelled = try catalog.createBackup(fixture.newBackup(of: other.id))
        _ = try catalog.requestDeletion(cancelled.id)
        try catalog.markRolledBack(epoch: 9)
        #expect(try catalog.identity().isRolledBack && catalog.identity().epoch == 9)

        let lastEarlier = try catalog.lastJobNumber()
        let running = try fixture.addBackup(of: fixture.addVolume().id)
        _ = try catalog.requestDeletion(running.id)

        try catalog.acceptRollback(lastJobNumber: lastEarlier)
        #expect(try catalog.backup(running.id).status == .deleting, "it was asked for since")
        #expect(try !catalog.identity().isRolledBack && catalog.identity().epoch == 9)
        #expect(try catalog.backup(restoring.id).status == .available)
        #expect(try catalog.volume(target.id).status == .errorRestoring)
        #expect(try catalog.volume(target.id).targetWritten == false)
        #expect(try catalog.backup(deleting.id).status == .available)
        #expect(try catalog.backup(failed.id).status == .error)
        #expect(try catalog.backup(creating.id).status == .creating, "it waits on, and runs")
        #expect(try catalog.backup(cancelled.id).status == .error)
        #expect(try catalog.volume(other.id).status == .available)
    }

    @Test func `a running deletion or restore is not ended by that`() throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try catalog.requestRestore(of: backup.id, to: volume.id)
        _ = try catalog.beginJob(backup.id, expecting: .restoring)
        try catalog.acceptRollback(lastJobNumber: catalog.lastJobNumber())
        #expect(try catalog.backup(backup.id).status == .restoring)
    }

    @Test(arguments: BackupStatus.allCases)
    func `backups that a repository must hold`(_ status: BackupStatus) throws {
        var record = try fixture.addBackup(in: status)
        #expect(try !catalog.hasStoredBackups(), "it has no place")
        record = fixture.newBackup(of: record.volumeID)
        record.container = "c"
        record.prefix = "p"
        try catalog.importBackup(record)
        switch status {
        case .error: try catalog.resetBackupStatus(record.id, to: .error)
        case .deleting: _ = try catalog.requestDeletion(record.id)
        default: break
        }
        #expect(try catalog.hasStoredBackups() == (status != .error))
        #expect(try catalog.hasBackup(container: "c", prefix: "p"))
        #expect(try !catalog.hasBackup(container: "c", prefix: "q"))
    }
}
