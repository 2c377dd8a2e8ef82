// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// Devices that others use without a word of it in their own name. Real loop devices.
@Suite(.enabled(if: isRoot, "needs root"), .serialized)
struct VolumeSharingTests {
    private let machine: VolumeFixture

    init() throws { machine = try VolumeFixture(allowing: ["/dev"]) }

    @Test func `two loop devices on one file are in each other's way, however deep`() throws {
        let image = try machine.file("images/disk.img", bytes: 32 << 20)
        let whole = try LoopDevice(over: image)
        let record = try machine.register(whole.path)
        #expect(machine.access.usage(of: record) == .free)
        do {
            let part = try Shell.run("losetup", "--find", "--show", "--offset", "1048576", image)
            defer { _ = try? Shell.run("losetup", "--detach", part) }
            #expect(machine.access.usage(of: record) == .inUse(reason: "attached to \(part)"))
            #expect(throws: ServiceError.volumeInUse(record.id, reason: "attached to \(part)")) {
                try machine.access.openForWriting(record)
            }
        }
        #expect(eventually { machine.access.usage(of: record) == .free })
        let upper = try LoopDevice(over: whole.path)
        let onTop = try machine.register(upper.path)
        #expect(machine.access.usage(of: record) == .inUse(reason: "attached to \(upper.path)"))
        #expect(machine.access.usage(of: onTop) == .free)
        let second = try LoopDevice(over: image)
        #expect(machine.access.usage(of: onTop) == .inUse(reason: "attached to \(second.path)"))
        withExtendedLifetime((whole, upper, second)) {}
    }

    @Test func `a file is in use behind a loop device whose path to it is gone`() throws {
        let device = try LoopDevice(over: machine.file("images/a.img", bytes: 32 << 20))
        try machine.hardLink("images/b.img", to: "images/a.img")
        try machine.remove("images/a.img")
        let record = try machine.register(machine.path("images/b.img"))
        #expect(machine.access.usage(of: record) == .inUse(reason: "attached to \(device.path)"))
        try machine.file("images/a.img")
        #expect(machine.access.usage(of: try machine.register(machine.path("images/a.img"))) == .free)
        let upper = try LoopDevice(over: device.path)
        #expect(try BlockDevice.backing(ofLoop: upper.path) == .device(device.deviceNumber()))
        withExtendedLifetime(upper) {}
    }

    @Test func `a partition below a loop device is in use when its neighbours' disk is, not when they are`() throws {
        let image = try machine.file("images/disk.img", bytes: 64 << 20)
        let disk = try LoopDevice(over: image, withPartitions: true)
        for (number, start) in [("1", "2048"), ("2", "65536")] {
            try Shell.run("addpart", disk.path, number, start, "32768")
        }
        try #require(eventually { access(disk.path + "p2", F_OK) == 0 })
        let upper = try LoopDevice(over: disk.path + "p1")
        let record = try machine.register(upper.path)
        try Shell.run("mkfs.ext4", "-q", disk.path + "p2")
        do {
            let neighbour = try MountedDevice(disk, partition: 2, on: machine.temporary.directory("mnt"))
            #expect(machine.access.usage(of: record) == .free)
            withExtendedLifetime(neighbour) {}
        }
        let second = try LoopDevice(over: image)
        #expect(machine.access.usage(of: record) == .inUse(reason: "attached to \(second.path)"))
        withExtendedLifetime((upper, second)) {}
    }

    @Test(.enabled(if: hasCommand("mkfs.btrfs"), "needs btrfs-progs"))
    func `every member of a mounted btrfs is in use, and is synchronized`() throws {
        let devices = try ["a", "b"].map {
            try LoopDevice(over: machine.file("images/\($0).img", bytes: 300 << 20))
        }
        try Shell.run("mkfs.btrfs", "-q", "-f", "-d", "raid1", "-m", "raid1", devices[0].path, devices[1].path)
        let records = try devices.map { try machine.register($0.path) }
        #expect(machine.access.usages(of: records) == [.free, .free])
        let mounted = try MountedDevice(devices[0], on: machine.temporary.directory("mnt"))
        for usage in machine.access.usages(of: records) { #expect(usage != .free) }
        #expect(throws: ServiceError.self) { try machine.access.openForWriting(records[1]) }
        #expect(machine.access.synchronize(records[1]) == [])
        withExtendedLifetime(mounted) {}
    }

    @Test func `the journal of a mounted ext4 is in use`() throws {
        let (journal, device) = (
            try LoopDevice(over: machine.file("images/j.img", bytes: 64 << 20)),
            try LoopDevice(over: machine.file("images/d.img", bytes: 64 << 20))
        )
        try Shell.run("mke2fs", "-q", "-O", "journal_dev", journal.path)
        try Shell.run("mkfs.ext4", "-q", "-F", "-J", "device=\(journal.path)", device.path)
        let record = try machine.register(journal.path)
        #expect(machine.access.usage(of: record) == .free)
        let mounted = try MountedDevice(device, on: machine.temporary.directory("mnt"))
        #expect(machine.access.usage(of: record) == .inUse(reason: "journal of a mounted file system"))
        withExtendedLifetime(mounted) {}
    }

    @Test func `a device that is mounted in another mount namespace is in use`() throws {
        let device = try LoopDevice(over: machine.file("images/d.img", bytes: 64 << 20))
        try Shell.run("mkfs.ext4", "-q", "-F", device.path)
        let record = try machine.register(device.path)
        let gate = machine.path("gate")
        let mountPoint = try machine.temporary.directory("mnt")
        let script = """
            mount --make-rprivate / && mount \(device.path) \(mountPoint) && touch \(gate) && exec sleep 1000
            """
        let other = Process()
        other.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        other.arguments = ["--mount", "sh", "-c", script]
        try other.run()
        defer {
            other.terminate()
            other.waitUntilExit()
        }
        try #require(eventually { FileManager.default.fileExists(atPath: gate) })
        let reason = "mounted as ext4 where this process does not see it"
        #expect(machine.access.usage(of: record) == .inUse(reason: reason))
    }
}
