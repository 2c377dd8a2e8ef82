// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import Testing

struct BackupCatalogTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }

    init() throws { fixture = try CatalogFixture() }

    // MARK: Records

    @Test func `a backup comes back as it went in`() throws {
        var record = fixture.newBackup(of: try fixture.addVolume().id)
        record.container = "ab/cd"
        record.prefix = "volume_x"
        record.objectCount = 3
        record.sizeBytes = .max
        record.storedBytes = 0
        record.compression = "gzip"
        record.name = "näme '; DROP TABLE backups"
        record.details = ""
        record.userMetadata = ["a": "b", "\u{0}": "\u{1f600}"]
        record.remark = "r"
        record.failReason = "f"
        record.service = "s"
        record.host = "h"
        record.availabilityZone = "z"
        record.userID = "u"
        record.projectID = "p"
        record.snapshotID = "snap"
        record.encryptionKeyID = "key"
        record.updatedAt = Timestamp(microseconds: -1)
        record.dataTimestamp = Timestamp(microseconds: 42)
        record.restoreVolumeID = .random()
        let inserted = try catalog.createBackup(record)
        record.jobNumber = 1
        #expect(inserted == record)
        #expect(try catalog.backup(record.id) == record)
    }

    @Test func `a volume comes back as it went in`() throws {
        var volume = fixture.newVolume()
        volume.device = .max
        volume.identity = DeviceIdentity(
            .loop, "/srv/\u{e9} \"1\".img",
            backing: .init(file: .init(fileSystem: "8:1", inode: .max), offset: "512", limit: "0"),
            partition: .init(number: "2", uuid: "u"))
        volume.restoreFile = "8:1:12"
        volume.isOwned = true
        volume.name = "n"
        volume.details = "d"
        volume.userMetadata = ["k": "v"]
        volume.imageMetadata = ["os": "debian"]
        volume.isBootable = true
        volume.encryptionKeyID = "e"
        volume.host = "h"
        volume.volumeType = "t"
        volume.availabilityZone = "z"
        volume.status = .errorRestoring
        volume.failReason = "f"
        volume.targetWritten = false
        try catalog.insert(volume)
        #expect(try catalog.volume(volume.id) == volume)
    }

    @Test func `an update of a backup changes only its description`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        try catalog.updateBackup(backup.id) { changed in
            changed.name = "n"
            changed.details = "d"
            changed.userMetadata = ["k": "v"]
            changed.status = .deleted
            changed.parentID = .random()
        }
        let after = try catalog.backup(backup.id)
        #expect(after.name == "n" && after.details == "d" && after.userMetadata == ["k": "v"])
        #expect(after.status == .available && after.parentID == nil)
    }

    @Test func `a text that would be cut off is refused`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        #expect(throws: CatalogError.textWithNUL(column: "display_name")) {
            try catalog.updateBackup(backup.id) { $0.name = "a\u{0}b" }
        }
        #expect(try catalog.backup(backup.id) == backup)
    }

    // MARK: Volumes

    @Test func `a volume is registered once`() throws {
        var volume = fixture.newVolume()
        volume.device = 7
        try catalog.insert(volume)
        #expect(throws: CatalogError.volumeExists(volume.id)) { try catalog.insert(volume) }

        var samePath = fixture.newVolume()
        samePath.source = volume.source
        #expect(throws: CatalogError.sourceInUse(path: volume.source, by: volume.id)) { try catalog.insert(samePath) }

        var sameDevice = fixture.newVolume()
        sameDevice.device = 7
        #expect(throws: CatalogError.deviceInUse(path: sameDevice.source, device: 7, by: volume.id)) {
            try catalog.insert(sameDevice)
        }
    }

    @Test func `devices are told apart by what they are, and by their numbers where that is not known`() throws {
        let known = try fixture.addDevice(7, DeviceIdentity(.wwid, "a"))
        // The numbers of a disk that is gone, or comes under another one, are no longer its own.
        let other = try fixture.addDevice(7, DeviceIdentity(.wwid, "b"))
        for (number, identity, owner) in [
            (8, DeviceIdentity(.wwid, "b"), other), (9, DeviceIdentity(.wwid, "a"), known), (7, nil, known),
        ] as [(UInt64, DeviceIdentity?, ResourceID)] {
            var same = fixture.newVolume()
            same.device = number
            same.identity = identity
            let refusals = [known, other].map {
                CatalogError.deviceInUse(path: same.source, device: number, by: $0)
            }
            let error = #expect(throws: CatalogError.self) { try catalog.register(same) }
            #expect(error.map(refusals.contains) == true)
            if identity != nil { #expect(error == .deviceInUse(path: same.source, device: number, by: owner)) }
        }
        _ = try fixture.addDevice(8, nil)
    }

    @Test func `two devices may have each other's numbers`() throws {
        let ids = try [fixture.addDevice(7, .init(.wwid, "a")), fixture.addDevice(8, .init(.wwid, "b"))]
        for (id, number) in zip(ids, [8, 7] as [UInt64]) {
            let known = try catalog.volume(id)
            var found = known
            found.device = number
            try catalog.take(found, insteadOf: known)
            #expect(try catalog.volume(id) == found)
        }
    }

    @Test func `what was found is dropped when the volume was registered anew meanwhile`() throws {
        let id = try fixture.addDevice(7, nil)
        let known = try catalog.volume(id)
        var anew = known
        anew.source = "/v/anew"
        anew.device = 9
        anew.identity = DeviceIdentity(.serial, "s")
        _ = try catalog.register(anew)
        var found = known
        found.identity = DeviceIdentity(.wwid, "old")
        try catalog.take(found, insteadOf: known)
        let now = try catalog.volume(id)
        #expect(now.source == "/v/anew" && now.device == 9 && now.identity == DeviceIdentity(.serial, "s"))
    }

    @Test func `a volume is registered again under the id that it has`() throws {
        let other = try fixture.addVolume()
        var volume = fixture.newVolume()
        volume.name = "n"
        volume.details = "d"
        try catalog.insert(volume)
        let backup = try fixture.addBackup(of: volume.id)

        var moved = fixture.newVolume()
        moved.id = volume.id
        moved.source = "/elsewhere"
        moved.sizeBytes = 7
        moved.device = 9
        moved.identity = DeviceIdentity(.mapper, "LVM-1")
        let after = try catalog.register(moved) { $0.name = "new" }
        #expect(after.source == "/elsewhere" && after.device == 9 && after.sizeBytes == 7)
        #expect(after.identity == moved.identity && after.name == "new" && after.details == "d")
        #expect(after.createdAt == volume.createdAt)
        #expect(try catalog.volumeCount() == 2 && catalog.newestParent(ofVolume: volume.id)?.id == backup.id)

        moved.source = other.source
        #expect(throws: CatalogError.sourceInUse(path: other.source, by: other.id)) { try catalog.register(moved) }
        #expect(try catalog.volume(volume.id) == after)
    }

    @Test func `a volume that a job has, or whose file is ours, is not registered again`() throws {
        let busy = try fixture.addVolume()
        try catalog.createBackup(fixture.newBackup(of: busy.id))
        #expect(throws: CatalogError.volumeBusy(busy.id, status: .backingUp)) { try catalog.register(busy) }
        var owned = fixture.newVolume()
        owned.isOwned = true
        try catalog.insert(owned)
        owned.isOwned = false
        #expect(throws: CatalogError.volumeExists(owned.id)) { try catalog.register(owned) }
        #expect(try catalog.volume(owned.id).isOwned)
    }

    @Test func `which file a restore was taken in for is known to its end`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let target = try fixture.addVolume()
        try catalog.requestRestore(of: backup.id, to: target.id, file: "8:1:12")
        try catalog.updateVolume(target.id) { $0.restoreFile = nil }
        #expect(try catalog.volume(target.id).restoreFile == "8:1:12")
        try catalog.failRestore(backup.id, reason: "r", targetWritten: false)
        #expect(try catalog.volume(target.id).restoreFile == nil)
    }

    @Test func `a busy volume is neither removed nor reset nor backed up nor restored to`() throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try catalog.createBackup(fixture.newBackup(of: volume.id))
        let busy = CatalogError.volumeBusy(volume.id, status: .backingUp)
        #expect(throws: busy) { try catalog.removeVolume(volume.id) }
        #expect(throws: busy) { try catalog.resetVolumeStatus(volume.id) }
        #expect(throws: busy) { try catalog.createBackup(fixture.newBackup(of: volume.id)) }
        #expect(throws: busy) { try catalog.requestRestore(of: backup.id, to: volume.id) }
        // The refusal left nothing behind.
        #expect(try catalog.backup(backup.id).status == .available)
    }

    @Test func `a removed volume is gone, its backups are not`() throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        #expect(try catalog.removeVolume(volume.id).id == volume.id)
        #expect(throws: CatalogError.volumeNotFound(volume.id)) { try catalog.volume(volume.id) }
        #expect(try catalog.backup(backup.id).status == .available)
    }

    @Test func `an update of a volume cannot move it`() throws {
        let volume = try fixture.addVolume()
        let after = try catalog.updateVolume(volume.id) { changed in
            changed.name = "n"
            changed.sizeBytes = 5
            changed.status = .backingUp
            changed.source = "/elsewhere"
        }
        #expect(after.name == "n" && after.sizeBytes == 5)
        #expect(after.status == .available && after.source == volume.source)
    }

    @Test func `a volume in error_restoring is reset, or restored to, but not backed up`() throws {
        let volume = try fixture.addVolume()
        let backup = try fixture.addBackup(of: volume.id)
        try catalog.requestRestore(of: backup.id, to: volume.id)
        try catalog.failRestore(backup.id, reason: "no space", targetWritten: true)
        let failed = try catalog.volume(volume.id)
        #expect(failed.status == .errorRestoring && failed.failReason == "no space" && failed.targetWritten == true)
        #expect(throws: CatalogError.volumeBusy(volume.id, status: .errorRestoring)) {
            try catalog.createBackup(fixture.newBackup(of: volume.id))
        }
        try catalog.requestRestore(of: backup.id, to: volume.id)
        #expect(try catalog.volume(volume.id).failReason == nil)
        try catalog.failRestore(backup.id, reason: "no space", targetWritten: false)
        try catalog.resetVolumeStatus(volume.id)
        let reset = try catalog.volume(volume.id)
        #expect(reset.status == .available && reset.failReason == nil && reset.targetWritten == nil)
    }

    // MARK: Creation

    @Test func `jobs are numbered in the order of the requests`() throws {
        let first = try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
        let second = try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
        _ = try catalog.requestDeletion(first.id)
        #expect(second.jobNumber == first.jobNumber + 1)
        #expect(try catalog.backup(first.id).jobNumber == second.jobNumber + 1)
    }

    @Test func `a job begins once`() throws {
        let backup = try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
        #expect(try catalog.beginJob(backup.id, expecting: .restoring) == nil)
        #expect(try catalog.beginJob(backup.id, expecting: .creating)?.jobBegun == true)
        #expect(try catalog.beginJob(backup.id, expecting: .creating) == nil)
    }

    @Test func `the newest parent is the one with the newest data, complete or being restored`() throws {
        let volume = try fixture.addVolume()
        #expect(try catalog.newestParent(ofVolume: volume.id) == nil)
        var old = fixture.newBackup(of: volume.id)
        old.dataTimestamp = Timestamp(microseconds: 1)
        let newer = try fixture.addBackup(of: volume.id)
        try catalog.importBackup(old)
        #expect(try catalog.newestParent(ofVolume: volume.id)?.id == newer.id)
        try catalog.requestRestore(of: newer.id, into: fixture.newVolume())
        #expect(try catalog.newestParent(ofVolume: volume.id)?.id == newer.id)
        try catalog.failRestore(newer.id, reason: "", targetWritten: false)
        try catalog.resetBackupStatus(newer.id, to: .error)
        #expect(try catalog.newestParent(ofVolume: volume.id)?.id == old.id)
    }

    @Test func `a parent must be a usable backup of the same volume`() throws {
        let volume = try fixture.addVolume()
        let stranger = try fixture.addBackup(of: fixture.addVolume().id)
        let failed = try fixture.addBackup(of: volume.id)
        try catalog.resetBackupStatus(failed.id, to: .error)
        for (parent, status) in [(stranger.id, nil), (.random(), nil), (failed.id, BackupStatus.error)] {
            #expect(throws: CatalogError.parentUnavailable(parent, status: status)) {
                try catalog.createBackup(fixture.newBackup(of: volume.id, parent: parent))
            }
        }
        #expect(try catalog.volume(volume.id).status == .available)
    }

    @Test func `two backups cannot share a place, unless one is deleted`() throws {
        let first = try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
        let second = try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
        #expect(try catalog.setLocation(first.id, container: "c", prefix: "p"))
        #expect(try catalog.setLocation(first.id, container: "c", prefix: "p"))
        let taken = CatalogError.prefixInUse(container: "c", prefix: "p", by: first.id)
        #expect(throws: taken) { try catalog.setLocation(second.id, container: "c", prefix: "p") }
        var imported = fixture.newBackup(of: second.volumeID)
        (imported.container, imported.prefix) = ("c", "p")
        #expect(throws: taken) { try catalog.importBackup(imported) }
        #expect(try catalog.setLocation(second.id, container: "d", prefix: "p"))

        _ = try catalog.requestDeletion(first.id)
        try catalog.finishDeletion(first.id)
        try catalog.importBackup(imported)
        #expect(try catalog.backup(imported.id).prefix == "p")
    }

    @Test func `a finish records what was stored`() throws {
        let volume = try fixture.addVolume()
        let backup = try catalog.createBackup(fixture.newBackup(of: volume.id))
        #expect(try catalog.finishBackup(backup.id, objectCount: 4, storedBytes: 99, sizeBytes: 1 << 30 | 1))
        let after = try catalog.backup(backup.id)
        #expect(after.objectCount == 4 && after.storedBytes == 99 && after.sizeGiB == 2)
        #expect(try catalog.volume(volume.id).status == .available)
    }

    @Test func `a failure keeps its reason and frees the volume`() throws {
        let volume = try fixture.addVolume()
        let backup = try catalog.createBackup(fixture.newBackup(of: volume.id))
        #expect(try catalog.failBackup(backup.id, reason: "no space left"))
        #expect(try catalog.backup(backup.id).failReason == "no space left")
        #expect(try catalog.volume(volume.id).status == .available)
    }

    @Test func `an incremental that became full has no parent and says why`() throws {
        let volume = try fixture.addVolume()
        let parent = try fixture.addBackup(of: volume.id)
        let child = try catalog.createBackup(fixture.newBackup(of: volume.id, parent: parent.id))
        #expect(try catalog.childCount(of: parent.id) == 1)
        #expect(try catalog.turnIntoFull(child.id, remark: "the volume shrank"))
        let after = try catalog.backup(child.id)
        #expect(after.parentID == nil && after.remark == "the volume shrank")
        #expect(try catalog.childCount(of: parent.id) == 0)
    }

    // MARK: Deletion

    @Test func `a late delete wins over the finish`() throws {
        let volume = try fixture.addVolume()
        let backup = try catalog.createBackup(fixture.newBackup(of: volume.id))
        _ = try catalog.beginJob(backup.id, expecting: .creating)
        let before = try catalog.requestDeletion(backup.id)
        #expect(before.status == .creating && before.jobBegun)
        #expect(try catalog.status(ofBackup: backup.id) == .deleting)
        #expect(try !catalog.finishBackup(backup.id, objectCount: 1, storedBytes: 1, sizeBytes: 1))
        // The job still reads the volume until it has met the cancellation.
        #expect(try catalog.volume(volume.id).status == .backingUp)
        #expect(try catalog.finishDeletion(backup.id))
        #expect(try catalog.volume(volume.id).status == .available)
        #expect(throws: CatalogError.backupNotFound(backup.id)) { try catalog.backup(backup.id) }
        let row = try catalog.backup(backup.id, includingDeleted: true)
        #expect(row.status == .deleted && row.deletedAt != nil)
    }

    @Test func `the deletion of one backup does not free the volume for another's job`() throws {
        let volume = try fixture.addVolume()
        let old = try fixture.addBackup(of: volume.id)
        let new = try catalog.createBackup(fixture.newBackup(of: volume.id))
        _ = try catalog.requestDeletion(old.id)
        _ = try catalog.requestDeletion(new.id)
        #expect(try catalog.finishDeletion(old.id))
        #expect(try catalog.volume(volume.id).status == .backingUp)
        #expect(try catalog.failDeletion(new.id, reason: "no permission"))
        #expect(try catalog.volume(volume.id).status == .available)
        #expect(try catalog.backup(new.id).failReason == "no permission")
    }

    @Test func `a failed backup between two others hides neither from the other`() throws {
        let volume = try fixture.addVolume()
        let full = try fixture.addBackup(of: volume.id)
        let middle = try fixture.addBackup(of: volume.id, parent: full.id)
        let newest = try fixture.addBackup(of: volume.id, parent: middle.id)
        try catalog.resetBackupStatus(middle.id, to: .error)
        try catalog.noteNoMetadata(middle.id)
        #expect(throws: CatalogError.hasChildren(full.id, count: 1)) { try catalog.requestDeletion(full.id) }
        _ = try catalog.requestDeletion(newest.id)
        try catalog.finishDeletion(newest.id)
        #expect(try catalog.childCount(of: full.id) == 0)
        #expect(try catalog.requestDeletion(full.id).status == .available)
    }

    @Test func `an available backup must be found by its deletion, unless that is forced`() throws {
        let volume = try fixture.addVolume()
        let plain = try fixture.addBackup(of: volume.id)
        let forced = try fixture.addBackup(of: volume.id)
        let failed = try fixture.addBackup(of: volume.id)
        try catalog.resetBackupStatus(failed.id, to: .error)
        _ = try catalog.requestDeletion(plain.id)
        _ = try catalog.requestDeletion(forced.id, isForced: true)
        _ = try catalog.requestDeletion(failed.id)
        #expect(try catalog.backup(plain.id).mustBeFound)
        #expect(try !catalog.backup(forced.id).mustBeFound && !catalog.backup(failed.id).mustBeFound)
        // Asked for again after a failure, it still must; once something was found, nothing need be left.
        try catalog.failDeletion(plain.id, reason: "nothing was found")
        _ = try catalog.requestDeletion(plain.id)
        #expect(try catalog.backup(plain.id).mustBeFound)
        try catalog.noteFound(plain.id)
        #expect(try !catalog.backup(plain.id).mustBeFound)
    }

    @Test func `only a backup that is being made can be cancelled while nothing may be deleted`() throws {
        let volume = try fixture.addVolume()
        let done = try fixture.addBackup(of: volume.id)
        let creating = try catalog.createBackup(fixture.newBackup(of: volume.id))
        #expect(throws: CatalogError.invalidStatus(done.id, found: .available, expected: [.creating])) {
            try catalog.requestDeletion(done.id, onlyWhileCreating: true)
        }
        #expect(try catalog.requestDeletion(creating.id, onlyWhileCreating: true).status == .creating)
        #expect(try catalog.backup(creating.id).deletedFrom == .creating)
    }

    @Test func `a backup with children stays, unless they failed or are gone`() throws {
        let volume = try fixture.addVolume()
        let parent = try fixture.addBackup(of: volume.id)
        let child = try catalog.createBackup(fixture.newBackup(of: volume.id, parent: parent.id))
        let refusal = CatalogError.hasChildren(parent.id, count: 1)
        #expect(throws: refusal) { try catalog.requestDeletion(parent.id) }
        _ = try catalog.finishBackup(child.id, objectCount: 0, storedBytes: 0, sizeBytes: 1)
        #expect(throws: refusal) { try catalog.requestDeletion(parent.id) }
        _ = try catalog.requestDeletion(child.id)
        #expect(throws: refusal) { try catalog.requestDeletion(parent.id) }
        try catalog.failDeletion(child.id, reason: "")
        #expect(throws: refusal) { try catalog.requestDeletion(parent.id) }
        try catalog.resetBackupStatus(child.id, to: .error)
        // Its metadata object may be there, and then it may be `available` again.
        #expect(throws: refusal) { try catalog.requestDeletion(parent.id) }
        #expect(try catalog.failedDependents(of: parent.id).map(\.id) == [child.id])
        try catalog.noteNoMetadata(child.id)
        #expect(try catalog.failedDependents(of: parent.id).isEmpty)
        #expect(try catalog.requestDeletion(parent.id).status == .available)
        // What has lost its parent cannot become restorable again.
        for _ in 0..<2 {
            #expect(throws: CatalogError.self) { try catalog.resetBackupStatus(child.id, to: .available) }
            try catalog.finishDeletion(parent.id)
        }
    }

    // MARK: Restore

    @Test func `a restore to a new volume registers it in the same transaction`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let target = fixture.newVolume()
        let running = try catalog.requestRestore(of: backup.id, into: target)
        #expect(running.status == .restoring && running.restoreVolumeID == target.id && !running.jobBegun)
        #expect(try catalog.volume(target.id).status == .restoringBackup)
        #expect(try catalog.isRestoreWanted(backup.id))
        let finished = try catalog.finishRestore(backup.id) { volume in
            volume.name = "restored"
            volume.sizeBytes = 77
            volume.status = .error
        }
        #expect(finished)
        let after = try catalog.volume(target.id)
        #expect(after.status == .available && after.name == "restored" && after.sizeBytes == 77)
        #expect(try catalog.backup(backup.id).restoreVolumeID == target.id)
        #expect(try !catalog.isRestoreWanted(backup.id))
    }

    @Test func `a refused new volume leaves the backup available`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let volume = try fixture.addVolume()
        #expect(throws: CatalogError.volumeExists(volume.id)) {
            try catalog.requestRestore(of: backup.id, into: volume)
        }
        #expect(throws: CatalogError.self) { try catalog.requestRestore(of: backup.id, to: .random()) }
        #expect(try catalog.backup(backup.id) == backup)
    }

    @Test func `a waiting restore is cancelled at once`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let target = try fixture.addVolume()
        try catalog.requestRestore(of: backup.id, to: target.id)
        #expect(try catalog.cancelRestore(backup.id).status == .available)
        let volume = try catalog.volume(target.id)
        #expect(volume.status == .errorRestoring && volume.targetWritten == false && volume.failReason != nil)
        #expect(try catalog.beginJob(backup.id, expecting: .restoring) == nil)
    }

    @Test func `a running restore learns of its cancellation, which wins over the finish`() throws {
        let backup = try fixture.addBackup(of: fixture.addVolume().id)
        let target = try fixture.addVolume()
        try catalog.requestRestore(of: backup.id, to: target.id)
        _ = try catalog.beginJob(backup.id, expecting: .restoring)
        #expect(try catalog.cancelRestore(backup.id).status == .restoring)
        #expect(try !catalog.isRestoreWanted(backup.id))
        #expect(try !catalog.finishRestore(backup.id))
        #expect(try catalog.backup(backup.id).status == .available)
        let volume = try catalog.volume(target.id)
        #expect(volume.status == .errorRestoring && volume.targetWritten == true)
        try catalog.requestRestore(of: backup.id, to: target.id)
        #expect(try catalog.isRestoreWanted(backup.id))
    }

    // MARK: Import

    @Test func `an import replaces a deleted row and no other`() throws {
        let volume = try fixture.addVolume()
        var record = try fixture.addBackup(of: volume.id)
        #expect(throws: CatalogError.backupExists(record.id)) { try catalog.importBackup(record) }
        _ = try catalog.requestDeletion(record.id)
        #expect(throws: CatalogError.backupExists(record.id)) { try catalog.importBackup(record) }
        try catalog.finishDeletion(record.id)
        record.name = "again"
        record.status = .error
        try catalog.importBackup(record)
        let after = try catalog.backup(record.id)
        #expect(after.status == .available && after.name == "again" && after.deletedAt == nil)
    }

    @Test func `a backup that names itself as its parent can still be deleted`() throws {
        var record = fixture.newBackup(of: .random())
        record.parentID = record.id
        try catalog.importBackup(record)
        #expect(throws: CatalogError.ancestorLoop([record.id])) { try catalog.chain(of: record.id) }
        #expect(try catalog.requestDeletion(record.id).status == .available)
    }
}
