// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

@testable import BackupService

/// Links to real loop devices. Whoever can make a link in an allowed directory must not choose any device by it.
@Suite(.enabled(if: isRoot, "needs root"), .serialized)
struct VolumeLinkTests {
    private static let nobody: uid_t = 65534
    private let machine: VolumeFixture
    private let device: LoopDevice

    init() throws {
        machine = try VolumeFixture()
        device = try LoopDevice(over: machine.file("outside/disk.img", bytes: 1 << 20))
    }

    private func expectRefusal(
        of source: String, becauseOf place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let reason = "it is a link to a block device, and not root alone makes links in \(machine.path(place))"
        #expect(throws: ServiceError.badSource(source, reason: reason), sourceLocation: sourceLocation) {
            try machine.access.resolve(source: source)
        }
    }

    @Test(arguments: [
        (0, 0, 0o755, true), (0, 0, 0o700, true), (0, 65534, 0o750, true), (0, 0, 0o775, false), (0, 0, 0o757, false),
        (0, 0, 0o1777, false), (65534, 0, 0o755, false), (65534, 0, 0o555, false),
    ])
    func `a link is followed where root alone can make one`(
        owner: Int, group: Int, mode: Int, isFollowed: Bool
    ) throws {
        let link = try machine.link("images/db", to: device.path)
        try systemCall("chown", link) { chown(machine.path("images"), uid_t(owner), gid_t(group)) }
        try systemCall("chmod", link) { chmod(machine.path("images"), mode_t(mode)) }
        if isFollowed {
            #expect(try machine.access.resolve(source: link).device == device.deviceNumber())
        } else {
            expectRefusal(of: link, becauseOf: "images")
        }
    }

    @Test(.enabled(if: hasCommand("setfacl"), "needs setfacl"))
    func `an access control list that lets others write counts`() throws {
        let link = try machine.link("images/db", to: device.path)
        try Shell.run("setfacl", "-m", "u:\(Self.nobody):rwx", machine.path("images"))
        expectRefusal(of: link, becauseOf: "images")
    }

    @Test func `a directory that is opened to others later is no place for links any more`() throws {
        let record = try machine.register(machine.link("images/db", to: device.path))
        _ = try machine.access.openForReading(record)
        try systemCall("chmod", "images") { chmod(machine.path("images"), 0o777) }
        #expect(throws: ServiceError.self) { try machine.access.openForReading(record) }
        #expect(throws: ServiceError.self) { try machine.access.openForWriting(record) }
    }

    @Test func `every link on the way counts, also one to a directory`() throws {
        _ = try machine.temporary.directory("images/theirs")
        try systemCall("chown", "theirs") { chown(machine.path("images/theirs"), Self.nobody, 0) }
        try machine.link("images/theirs/db", to: device.path)
        try machine.link("images/theirs/dev", to: "/dev")
        let name = (device.path as NSString).lastPathComponent
        for (link, target) in [
            ("far", "theirs/db"), ("farther", "far"), ("around", "theirs/dev/\(name)"),
            ("absolute", machine.path("images/theirs/../theirs/./dev//\(name)")),
        ] {
            expectRefusal(of: try machine.link("images/\(link)", to: target), becauseOf: "images/theirs")
        }
        let mine = try machine.link("images/mine", to: "../../../../../../../..\(device.path)")
        #expect(try machine.access.resolve(source: mine).device == device.deviceNumber())
    }

    @Test func `on devtmpfs the kernel makes the names`() throws {
        let mount = try Mount(["-t", "devtmpfs", "devtmpfs"], on: machine.temporary.directory("images/dev"))
        // Shown in /dev, too: there is one devtmpfs.
        let directory = machine.path("images/dev/cinderblock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try systemCall("chmod", directory) { chmod(directory, 0o777) }
        try FileManager.default.createSymbolicLink(atPath: directory + "/db", withDestinationPath: device.path)
        #expect(try machine.access.resolve(source: directory + "/db").device == device.deviceNumber())
        withExtendedLifetime(mount) {}
    }

    /// It shows whatever owner and mode it likes.
    @Test(.enabled(if: HangingFileSystem.isPossible, "needs root and /dev/fuse"), arguments: [0, 65534])
    func `a FUSE file system counts as its owner's`(owner: UInt32) throws {
        let far = try HangingFileSystem(on: machine.temporary.directory("images/far"), owner: owner)
        defer { far.unmount() }
        let directory = try OpenFile.finding(directory: far.mountPoint)
        #expect(try FileStatus(of: directory).owner == 0 && FileStatus(of: directory).permissions & 0o022 == 0)
        #expect(directory.isForRootAlone == (owner == 0))
    }
}
