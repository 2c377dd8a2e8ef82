// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Foundation
import Posix
import TestSupport
import Testing

/// What hangs elsewhere says nothing of a volume whose disk answers.
@Suite(.enabled(if: HangingFileSystem.isPossible, "needs root and /dev/fuse"))
struct VolumeHangTests {
    @Test func `an allowed path on a disk that hangs does not matter to the volumes under the others`() throws {
        let machine = try VolumeFixture()
        let far = try HangingFileSystem(on: machine.temporary.directory("far"))
        defer { far.unmount() }
        let path = try machine.file("images/a.img")
        let access = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [far.path("images"), machine.path("images")])
        far.hang()
        let found = try Patience().insist(path, within: .seconds(20)) { try access.resolve(source: path) }
        #expect(found.path == path)
    }

    @Test func `a loop device over a file that hangs does not matter to the other volumes`() throws {
        let machine = try VolumeFixture()
        let far = try HangingFileSystem(on: machine.temporary.directory("far"), files: ["x": [1]])
        defer { far.unmount() }
        let loop = try machine.temporary.directory("sys/block/loop3/loop")
        try Data("\(far.path("x"))\n".utf8).write(to: URL(fileURLWithPath: loop + "/backing_file"))
        try Data("7:3\n".utf8).write(to: URL(fileURLWithPath: machine.path("sys/block/loop3/dev")))
        let access = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [machine.path("images"), far.mountPoint],
            sys: KernelTree(machine.path("sys")))
        let (near, behind) = (try machine.register(machine.file("images/a.img")), VolumeRecord(source: far.path("x")))
        #expect(access.usage(of: behind) == .inUse(reason: "attached to /dev/loop3"))
        far.hang()
        let usage = try Patience().insist("near", within: .seconds(20)) { access.usage(of: near) }
        #expect(usage == .free)
    }
}
