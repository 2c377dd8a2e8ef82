// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

@testable import BackupService

/// What may be registered beside what is registered.
struct RegistrationTests {
    private let directory: TemporaryDirectory
    private let service: BackupService

    init() throws {
        directory = try TemporaryDirectory()
        service = try BackupService(idleIn: directory)
    }

    private func file(_ name: String, bytes: Int64 = 4096) throws -> String {
        let path = directory.path("images/" + name)
        try OpenFile(path, O_RDWR | O_CREAT | O_EXCL).truncate(to: bytes)
        return path
    }

    private func register(_ path: String, as id: ResourceID? = nil, name: String? = nil) throws -> VolumeRecord {
        var request = ManageRequest(source: path)
        request.id = id
        request.traits.name = name
        return try service.registerVolume(request).record
    }

    @Test func `a hard link to a registered file is the same volume`() throws {
        let first = try register(file("a.img"))
        let link = directory.path("images/b.img")
        try FileManager.default.linkItem(atPath: first.source, toPath: link)
        #expect(throws: CatalogError.sourceInUse(path: link, by: first.id)) { try register(link) }
        #expect(throws: CatalogError.sourceInUse(path: link, by: first.id)) { try register(link, as: .random()) }
        // Under its own id it is the volume's new name.
        #expect(try register(link, as: first.id).source == link)
        #expect(throws: CatalogError.self) { try register(first.source) }
        // The old name leads to another file by now.
        try FileManager.default.removeItem(atPath: first.source)
        _ = try register(file("a.img"))
    }

    @Test func `a hard link to a file that the daemon made is the same volume`() throws {
        let made = try service.createVolume(VolumeRequest(sizeGiB: 1)).record
        let link = directory.path("images/b.img")
        try FileManager.default.linkItem(atPath: made.source, toPath: link)
        let source = try OpenFile.finding(directory: directory.path("images")).path + "/b.img"
        #expect(throws: CatalogError.sourceInUse(path: source, by: made.id)) { try register(link) }
    }

    @Test(.enabled(if: isRoot, "needs root")) func `a bind mount of a registered file is the same volume`() throws {
        let first = try register(file("a.img"))
        let bound = try file("bound.img")
        try Shell.run("mount", "--bind", first.source, bound)
        defer { _ = try? Shell.run("umount", bound) }
        #expect(throws: CatalogError.sourceInUse(path: bound, by: first.id)) { try register(bound) }
    }

    @Test func `registered again under its id, a volume is where it is now`() throws {
        let first = try register(file("a.img"), name: "n")
        let second = try file("b.img", bytes: 9000)
        let after = try register(second, as: first.id)
        #expect(after.source == second && after.sizeBytes == 9000 && after.name == "n" && after.id == first.id)
        #expect(try register(second, as: first.id, name: "m").name == "m")
        #expect(try service.catalog.volumeCount() == 1)
    }

    @Test func `which file a restore is for is written down with it`() throws {
        let volume = try register(file("a.img"))
        var record = BackupRecord(
            id: .random(), volumeID: volume.id, status: .available, sizeGiB: 1, createdAt: Timestamp(microseconds: 5))
        record.container = "c"
        record.prefix = "p"
        try service.catalog.importBackup(record)
        var request = RestoreRequest()
        request.volumeID = volume.id
        _ = try service.restoreBackup(record.id, request)
        let identity = try FileStatus(of: volume.source, followingLink: false).identity
        #expect(try service.catalog.volume(volume.id).restoreFile == identity.text)
        #expect(throws: CatalogError.self) { try register(volume.source, as: volume.id) }
    }
}
