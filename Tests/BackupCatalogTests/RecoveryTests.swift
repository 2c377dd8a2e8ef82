// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import GRDB
import Testing

struct RecoveryTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    /// Reopens what a crash would leave at this moment.
    private func afterCrash(_ check: (BackupCatalog, Recovery) throws -> Void) throws {
        let reopened = try BackupCatalog(directory: fixture.crashImage()) { Timestamp(microseconds: 99) }
        try check(reopened, reopened.recover())
        let again = try reopened.recover()
        #expect(again.interruptedRestores.isEmpty && again.releasedVolumes.isEmpty)
        try reopened.close()
    }

    @Test func `nothing is left to do after a quiet end`() throws {
        try fixture.addBackup(of: fixture.addVolume().id)
        try afterCrash { _, recovery in #expect(recovery == Recovery()) }
    }

    @Test func `jobs that had not begun wait again, in their order`() throws {
        let volume = try fixture.addVolume()
        let restoring = try fixture.addBackup(of: volume.id)
        let deleting = try fixture.addBackup(of: volume.id)
        let target = try fixture.addVolume()
        try catalog.requestRestore(of: restoring.id, to: target.id)
        let creating = try catalog.createBackup(fixture.newBackup(of: volume.id))
        _ = try catalog.requestDeletion(deleting.id)
        try afterCrash { catalog, recovery throws in
            #expect(recovery.waiting.map(\.id) == [restoring.id, creating.id, deleting.id])
            #expect(recovery.interruptedBackups.isEmpty && recovery.releasedVolumes.isEmpty)
            #expect(try catalog.volume(volume.id).status == .backingUp)
            #expect(try catalog.volume(target.id).status == .restoringBackup)
        }
    }

    @Test func `a backup that had begun is left to the caller, who fails it`() throws {
        let volume = try fixture.addVolume()
        let backup = try catalog.createBackup(fixture.newBackup(of: volume.id))
        _ = try catalog.beginJob(backup.id, expecting: .creating)
        try afterCrash { catalog, recovery throws in
            #expect(recovery.interruptedBackups.map(\.id) == [backup.id])
            #expect(recovery.waiting.isEmpty)
            #expect(try catalog.failBackup(backup.id, reason: "interrupted"))
            #expect(try catalog.volume(volume.id).status == .available)
        }
    }

    @Test(arguments: [false, true])
    func `a restore that had begun has failed`(cancelled: Bool) throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try catalog.requestRestore(of: backup.id, to: volume.id)
        _ = try catalog.beginJob(backup.id, expecting: .restoring)
        if cancelled { try catalog.cancelRestore(backup.id) }
        try afterCrash { catalog, recovery throws in
            #expect(recovery.interruptedRestores.map(\.id) == [backup.id])
            #expect(try catalog.backup(backup.id).status == .available)
            let volume = try catalog.volume(volume.id)
            #expect(volume.status == .errorRestoring && volume.targetWritten == true)
        }
    }

    @Test func `a deletion goes on, also that of a backup in the making`() throws {
        let volume = try fixture.addVolume()
        let backup = try catalog.createBackup(fixture.newBackup(of: volume.id))
        _ = try catalog.requestDeletion(backup.id)
        _ = try catalog.beginJob(backup.id, expecting: .deleting)
        try afterCrash { catalog, recovery throws in
            #expect(recovery.waiting.map(\.id) == [backup.id])
            #expect(try catalog.beginJob(backup.id, expecting: .deleting) != nil)
            #expect(try catalog.finishDeletion(backup.id))
            #expect(try catalog.volume(volume.id).status == .available)
        }
    }

    @Test func `a volume that is busy without a job is freed`() throws {
        let saved = try fixture.addVolume(.backingUp)
        let written = try fixture.addVolume(.restoringBackup)
        let recovery = try catalog.recover()
        #expect(Set(recovery.releasedVolumes) == [saved.id, written.id])
        #expect(try catalog.volume(saved.id).status == .available)
        #expect(try catalog.volume(written.id).status == .errorRestoring)
    }
}
