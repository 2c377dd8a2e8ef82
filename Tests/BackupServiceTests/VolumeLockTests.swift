// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Glibc
import Posix
import TestSupport
import Testing

/// The file that a restore writes to is the restore's alone.
struct VolumeLockTests {
    private let machine: VolumeFixture
    private let path: String
    private let record: VolumeRecord

    init() throws {
        machine = try VolumeFixture()
        path = try machine.file("images/a.img")
        record = try machine.register(path)
    }

    @Test func `others get no lock of either kind as long as it is open`() throws {
        do {
            let target = try machine.access.openForWriting(record)
            #expect(try LockFile(path) == nil)
            let file = try OpenFile(path, O_RDWR)
            #expect(flock(file.descriptor, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK)
            // It is not in use by others, which is what is asked.
            #expect(machine.access.usage(of: record) == .free)
            withExtendedLifetime(target) {}
        }
        #expect(try LockFile(path) != nil)
    }

    @Test func `a lock that nobody saw coming is met when the file is locked`() throws {
        // The kernel's table does not have it yet.
        let copy = try MachineCopy()
        let blind = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [machine.path("images")], proc: copy.proc, sys: copy.sys)
        let other = try OpenFile(path, O_RDONLY)
        #expect(flock(other.descriptor, LOCK_SH) == 0)
        #expect(blind.usage(of: record) == .free)
        #expect(throws: ServiceError.volumeInUse(record.id, reason: "locked by another process")) {
            try blind.openForWriting(record)
        }
        #expect(flock(other.descriptor, LOCK_UN) == 0)
        var remarks: [String] = []
        _ = try blind.openForWriting(record) { remarks.append($0) }
        #expect(remarks == [])
    }

    @Test func `a file that took the target's place meanwhile is refused, between backups it is not`() throws {
        var record = record
        record.restoreFile = try machine.access.checkTarget(record)
        #expect(record.restoreFile == (try FileStatus(of: path, followingLink: false).identity.text))
        _ = try machine.access.openForWriting(record)
        try machine.file("images/new.img")
        try machine.rename("images/new.img", to: "images/a.img")
        let error = #expect(throws: ServiceError.self) { try machine.access.openForWriting(record) }
        #expect("\(error.map(String.init(describing:)) ?? "")".contains("another file than when the restore was asked"))
        _ = try machine.access.openForReading(record)
        record.restoreFile = nil
        _ = try machine.access.openForWriting(record)
    }

    @Test func `where the kernel shows no locks of ours, new files are made and no other is written to`() throws {
        let copy = try MachineCopy()
        let witness = try FileStatus(of: path, followingLink: false).identity
        let blind = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [machine.path("images")], proc: copy.proc,
            sys: copy.sys, witness: witness)
        #expect(throws: ServiceError.self) { try blind.openForWriting(record) }
        var new = VolumeRecord(source: "", bytes: 0, isOwned: true)
        new.source = blind.path(ofNewFile: new.id)
        #expect(try blind.openEmptyFile(new) != nil)
        #expect(throws: ServiceError.self) { try blind.openEmptyFile(new) }
    }
}
