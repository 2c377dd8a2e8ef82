// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Glibc
import Posix
import SystemPackage
import TestSupport
import Testing

struct VolumeOwnedFileTests {
    @Test func `a new file is sparse, private and as long as asked for`() throws {
        let machine = try VolumeFixture()
        let id = ResourceID.random()
        let path = try machine.access.createFile(id, bytes: 5 << 30)
        #expect(path == machine.path("volumes/volume-\(id)"))
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode == S_IFREG | 0o600)
        #expect(status.st_size == 5 << 30 && status.st_blocks == 0)
        #expect(try machine.register(path).sizeBytes == 5 << 30)
    }

    @Test func `a name that is taken stays as it is`() throws {
        let machine = try VolumeFixture()
        let id = ResourceID.random()
        let target = try machine.file("outside/a.img", bytes: 7)
        try machine.link("volumes/volume-\(id)", to: target)
        #expect(throws: SystemCallError.self) { try machine.access.createFile(id, bytes: 0) }
        #expect(try FileStatus(of: target, followingLink: false).length == 7)
    }

    @Test func `a file that cannot be so long leaves nothing behind`() throws {
        let machine = try VolumeFixture()
        #expect(throws: SystemCallError.self) { try machine.access.createFile(.random(), bytes: .max) }
        #expect(KernelTree(machine.root).names(in: "volumes") == [])
    }

    @Test func `exactly the file of the volume is removed`() throws {
        let machine = try VolumeFixture()
        let id = ResourceID.random()
        let path = try machine.access.createFile(id, bytes: 1)
        try machine.file("volumes/volume-\(id).bak")
        let record = owned(id, path)
        try machine.access.removeFile(record)
        try machine.access.removeFile(record)  // gone already
        #expect(KernelTree(machine.root).names(in: "volumes") == ["volume-\(id).bak"])
    }

    @Test func `no other file is removed, whatever the record says`() throws {
        let machine = try VolumeFixture()
        let id = ResourceID.random()
        for name in ["outside/volume-\(id)", "images/volume-\(id)", "volumes/other"] {
            let path = try machine.file(name)
            #expect(throws: ServiceError.self) { try machine.access.removeFile(owned(id, path)) }
            var record = owned(id, path)
            record.isOwned = false
            #expect(throws: ServiceError.notOwned(id)) { try machine.access.removeFile(record) }
            #expect(access(path, F_OK) == 0)
        }
    }

    private func owned(_ id: ResourceID, _ path: String) -> VolumeRecord {
        var record = VolumeRecord(source: path, isOwned: true)
        record.id = id
        return record
    }
}
