// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix
import TestSupport
import Testing

@testable import BackupService

struct DeviceIdentityTests {
    private struct Disk: Sendable {
        let device: String
        let files: [String: String]
        let expected: String?
    }

    private static let disks = [
        Disk(
            device: "253:0",
            files: ["sys/dev/block/253:0/dm/uuid": "LVM-abc\n", "sys/dev/block/253:0/wwid": "naa.5"],
            expected: "dm LVM-abc"),
        // dmsetup(8) gives no uuid unless it is told one.
        Disk(device: "253:0", files: ["sys/dev/block/253:0/dm/uuid": "\n"], expected: nil),
        Disk(device: "8:0", files: ["sys/dev/block/8:0/device/wwid": "t10.ATA  x  \n"], expected: "wwid t10.ATA  x"),
        Disk(
            device: "259:0",
            files: ["sys/dev/block/259:0/wwid": "eui.1\n", "sys/dev/block/259:0/device/serial": "S1\n"],
            expected: "wwid eui.1"),
        Disk(device: "252:0", files: ["sys/dev/block/252:0/serial": "root-disk\n"], expected: "serial root-disk"),
        Disk(device: "179:0", files: ["sys/dev/block/179:0/device/serial": "0x1\n"], expected: "serial 0x1"),
        Disk(
            device: "8:16", files: ["udev/b8:16": "S:disk/by-id/x\nE:ID_SERIAL_SHORT=1\nE:ID_SERIAL=Stick_1\n"],
            expected: "serial Stick_1"),
        Disk(device: "8:16", files: ["udev/b8:16": "E:ID_SERIAL=\n"], expected: nil),
        Disk(device: "8:16", files: [:], expected: nil),
    ]

    @Test func `a disk is what it is called for good`() throws {
        for disk in Self.disks {
            let found = try identity(disk.files, disk.device)
            #expect(found?.description == disk.expected)
        }
    }

    @Test func `a partition is its disk and its uuid, or its number`() throws {
        let files = [
            "sys/dev/block/dev": "8:0\n", "sys/dev/block/8:0/device/wwid": "naa.5\n",
            "sys/dev/block/8:2/partition": "2\n", "sys/dev/block/8:3/partition": "3\n",
        ]
        let plain = try #require(try identity(files, "8:2"))
        #expect(plain.description == "wwid naa.5, partition 2")
        let named = try #require(
            try identity(files.merging(["udev/b8:2": "E:ID_PART_ENTRY_UUID=u2\n"]) { $1 }, "8:2"))
        // udev may know nothing yet.
        #expect(named.partition?.uuid == "u2" && named.isSame(as: plain) && plain.isSame(as: named))
        let renumbered = try #require(
            try identity(files.merging(["udev/b8:3": "E:ID_PART_ENTRY_UUID=u2\n"]) { $1 }, "8:3"))
        #expect(named.isSame(as: renumbered) && !plain.isSame(as: renumbered))
        let whole = try #require(try identity(files, "8:0"))
        #expect(!whole.isSame(as: plain))
    }

    @Test func `a loop device is the part of the file that it shows`() throws {
        let machine = try VolumeFixture()
        let path = try machine.file("images/a.img")
        func loop(_ path: String, offset: String = "0", limit: String = "0") throws -> DeviceIdentity {
            let directory = "sys/dev/block/7:0/loop"
            return try #require(
                try identity(
                    [
                        "\(directory)/backing_file": path + "\n", "\(directory)/offset": offset + "\n",
                        "\(directory)/sizelimit": limit + "\n",
                    ], "7:0"))
        }
        let whole = try loop(path)
        let inode = try FileStatus(of: path, followingLink: false).identity.inode
        #expect(whole.backing?.file?.inode == inode)
        #expect(try whole.isSame(as: loop(path)))
        #expect(try !whole.isSame(as: loop(path, offset: "512")))
        #expect(try !whole.isSame(as: loop(path, limit: "512")))
        #expect(try !whole.isSame(as: loop(machine.file("images/b.img"))))
        // The same file under another name, and on a file system that has got another number.
        try machine.rename("images/a.img", to: "images/c.img")
        #expect(try whole.isSame(as: loop(machine.path("images/c.img"))))
        var remounted = whole
        remounted.backing?.file?.fileSystem = "99:99"
        #expect(whole.isSame(as: remounted))
        remounted.name = "/elsewhere"
        #expect(!whole.isSame(as: remounted))
        // Another file under the old name.
        #expect(try !whole.isSame(as: loop(machine.file("images/a.img"))))
        let deleted = try loop("/nowhere (deleted)")
        #expect(deleted.backing?.file == nil)
        #expect(try deleted.isSame(as: loop("/nowhere (deleted)")))
    }

    @Test func `kinds are not mixed up`() {
        #expect(!DeviceIdentity(.wwid, "x").isSame(as: DeviceIdentity(.serial, "x")))
        #expect(DeviceIdentity(.wwid, "x").isSame(as: DeviceIdentity(.wwid, "x")))
    }

    private func identity(_ files: [String: String], _ device: String) throws -> DeviceIdentity? {
        let machine = try MachineCopy(files)
        return DeviceIdentities(sys: machine.sys, udev: machine.udev).identity(of: device)
    }
}
