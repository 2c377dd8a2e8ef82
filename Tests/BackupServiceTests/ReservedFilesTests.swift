// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix
import TestSupport
import Testing

@testable import BackupService

/// The daemon's own files under an allowed path, as in the README.
struct ReservedFilesTests {
    private let machine: VolumeFixture

    init() throws {
        machine = try VolumeFixture()
        for name in ["images/state/spool", "images/state/volumes", "images/backups/c"] {
            _ = try machine.temporary.directory(name)
        }
    }

    private func access(
        volumes: String = "images/state/volumes", repository: String = "images/backups"
    ) throws -> VolumeAccess {
        let directories = [
            try ReservedFiles.Directory(at: machine.path("images/state")),
            try ReservedFiles.Directory(at: machine.path(repository)),
        ]
        let reserved = ReservedFiles(
            directories: { directories }, except: try ReservedFiles.Directory(at: machine.path(volumes)),
            files: [machine.path("images/state/catalog"), machine.path("images/state/not-yet"), "outside-file"].map {
                $0.hasPrefix("/") ? $0 : machine.path($0)
            })
        return VolumeAccess(
            directory: machine.path(volumes), allowedPaths: [machine.path("images")], reserved: reserved)
    }

    private func expectRefused(_ name: String, _ access: VolumeAccess) {
        let path = machine.path(name)
        #expect(throws: ServiceError.badSource(path, reason: "it is one of the daemon's own files")) {
            try access.resolve(source: path)
        }
    }

    @Test func `what lies in its directories is no volume, save the volumes`() throws {
        let access = try access()
        for name in ["images/state/token", "images/state/spool/x", "images/backups/c/object", "images/backups/x"] {
            try machine.file(name)
            expectRefused(name, access)
        }
        for name in ["images/state/volumes/a", "images/disk", "images/state2", "images/backups.img"] {
            try machine.file(name)
            #expect(throws: Never.self) { try access.resolve(source: machine.path(name)) }
        }
    }

    @Test func `one that was registered before is neither read nor written`() throws {
        let record = VolumeRecord(source: try machine.file("images/backups/c/object"))
        let access = try access()
        #expect(throws: ServiceError.self) { try access.openForReading(record) }
        #expect(throws: ServiceError.self) { try access.openForWriting(record) }
        #expect(throws: ServiceError.self) { try access.checkTarget(record) }
    }

    @Test func `a hard link elsewhere is refused, also one to a file that came later`() throws {
        let access = try access()
        for name in ["images/state/catalog", "images/state/not-yet", "outside-file"] {
            try machine.file(name)
            try machine.hardLink("images/innocent", to: name)
            expectRefused("images/innocent", access)
            try machine.remove("images/innocent")
        }
    }

    @Test func `the directories stay what they are under another name`() throws {
        let access = try access()
        try machine.file("images/backups/c/object")
        try machine.rename("images/backups", to: "images/other")
        expectRefused("images/other/c/object", access)
    }

    @Test func `a repository in the directory of the volumes holds none`() throws {
        _ = try machine.temporary.directory("images/all/backups")
        let access = try access(volumes: "images/all", repository: "images/all/backups")
        try machine.file("images/all/backups/object")
        try machine.file("images/all/a")
        expectRefused("images/all/backups/object", access)
        #expect(throws: Never.self) { try access.resolve(source: machine.path("images/all/a")) }
    }

    @Test(.enabled(if: isRoot, "needs root")) func `a bind mount leads to the same files`() throws {
        let access = try access()
        try machine.file("images/backups/c/object")
        try machine.file("images/state/volumes/a")
        _ = try machine.temporary.directory("images/bound")
        for (directory, name, isRefused) in [
            ("images/backups", "c/object", true), ("images/backups/c", "object", true),
            ("images/state/volumes", "a", false), ("images", "backups/c/object", true),
        ] {
            try Shell.run("mount", "--bind", machine.path(directory), machine.path("images/bound"))
            defer { _ = try? Shell.run("umount", machine.path("images/bound")) }
            let bound = "images/bound/" + name
            if isRefused { expectRefused(bound, access) }
            if !isRefused { #expect(throws: Never.self) { try access.resolve(source: machine.path(bound)) } }
        }
    }
}
