// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

@testable import BackupService

struct VolumeUsageTests {
    /// A disk with two partitions, of which one is mounted and one held, and a disk that nobody uses.
    private static let machine = [
        "sys/dev/block/8:0/dev": "8:0\n",
        "sys/dev/block/8:0/sda1/partition": "1\n",
        "sys/dev/block/8:0/sda1/dev": "8:1\n",
        "sys/dev/block/8:0/sda2/partition": "2\n",
        "sys/dev/block/8:0/sda2/dev": "8:2\n",
        "sys/dev/block/8:0/queue/rotational": "0\n",
        "sys/dev/block/8:2/holders/dm-0/dev": "253:0\n",
        "sys/dev/block/8:16/dev": "8:16\n",
        "sys/dev/block/253:0/holders/dm-1/dev": "253:1\n",
        "proc/self/mountinfo": """
        27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
        28 27 253:1 / /mnt/my\\040disk rw,relatime - ext4 /dev/dm-1 rw
        29 27 253:1 /sub /mnt/bound rw,relatime - ext4 /dev/dm-1 rw
        """,
    ]

    @Test(arguments: [
        ("8:0", VolumeUsage.inUse(reason: "mounted on /")),
        ("8:1", .inUse(reason: "mounted on /")),
        ("8:2", .inUse(reason: "held by dm-0")),
        ("253:0", .inUse(reason: "held by dm-1")),
        ("253:1", .inUse(reason: "mounted on /mnt/my disk")),
        ("8:16", .free),
        ("8:3", .free),
    ])
    func `a device is in use with its partitions and holders`(_ device: String, expected: VolumeUsage) throws {
        let (usage, _directory) = try usage(Self.machine)
        withExtendedLifetime(_directory) { #expect(usage.usage(of: .device(device), node: nil) == expected) }
    }

    @Test func `mounts are found however many layers above`() throws {
        let (usage, _directory) = try usage(Self.machine)
        withExtendedLifetime(_directory) {
            #expect(usage.mountPoints(on: .device("8:0")) == ["/", "/mnt/my disk", "/mnt/bound"])
            #expect(usage.mountPoints(on: .device("8:2")) == ["/mnt/my disk", "/mnt/bound"])
            #expect(usage.mountPoints(on: .device("8:16")) == [])
        }
    }

    @Test func `nothing to read is nobody's use`() throws {
        let usage = SystemUsage(proc: KernelTree("/nonexistent"), sys: KernelTree("/nonexistent"))
        #expect(usage.usage(of: .device("8:0"), node: nil) == .free)
    }

    @Test func `a file is known behind a loop device and as swap by what it is, not by its name`() throws {
        let machine = try VolumeFixture()
        let (attached, swap) = (try machine.file("images/a.img"), try machine.file("images/swap file"))
        let (replaced, free) = (try machine.file("images/b.img"), try machine.file("images/c.img"))
        try machine.link("outside/other-name", to: attached)
        let (proc, directory) = try tree([
            "proc/swaps": "Filename Type Size Used Priority\n\(machine.root)/images/swap\\040file file 4 0 -2\n",
            "sys/block/loop3/dev": "7:3\n",
            "sys/block/loop3/loop/backing_file": machine.path("outside/other-name") + "\n",
            "sys/block/loop4/dev": "7:4\n",
            "sys/block/loop4/loop/backing_file": replaced + " (deleted)\n",
            "sys/block/loop5/dev": "7:5\n",
        ])
        let access = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [machine.path("images")],
            proc: KernelTree(proc + "/proc"), sys: KernelTree(proc + "/sys"))
        try withExtendedLifetime(directory) {
            let records = try [attached, swap, replaced, free].map { try machine.register($0) }
            let expected: [VolumeUsage] = [
                .inUse(reason: "attached to /dev/loop3"), .inUse(reason: "used as swap"), .free, .free,
            ]
            #expect(access.usages(of: records) == expected)
            #expect(throws: ServiceError.volumeInUse(records[0].id, reason: "attached to /dev/loop3")) {
                try access.openForWriting(records[0])
            }
        }
    }

    @Test func `a record lock and flock are seen, and go`() throws {
        let machine = try VolumeFixture()
        let path = try machine.file("images/a.img")
        let record = try machine.register(path)
        do {
            let lock = try #require(try LockFile(path))
            withExtendedLifetime(lock) {
                #expect(machine.access.usage(of: record) == .inUse(reason: "locked by another process"))
            }
        }
        #expect(machine.access.usage(of: record) == .free)
        do {
            let file = try OpenFile(path, O_RDONLY)
            #expect(flock(file.descriptor, LOCK_SH) == 0)
            #expect(machine.access.usage(of: record) == .inUse(reason: "locked by another process"))
            #expect(throws: ServiceError.volumeInUse(record.id, reason: "locked by another process")) {
                try machine.access.openForWriting(record)
            }
        }
        #expect(machine.access.usage(of: record) == .free)
    }

    @Test func `udev's flock on a device says nothing, qemu's record lock does`() throws {
        let node = try FileStatus(of: "/dev/null", followingLink: true).identity
        let number = BlockDevice.numberText(node.fileSystem).split(separator: ":").compactMap { UInt32($0) }
        let file = number.map { String($0, radix: 16) }.joined(separator: ":") + ":\(node.inode)"
        for (kind, expected) in [
            ("FLOCK", VolumeUsage.free), ("OFDLCK", .inUse(reason: "locked by another process")),
        ] {
            let (usage, directory) = try usage(["proc/locks": "1: \(kind)  ADVISORY  WRITE 1 \(file) 0 EOF\n"])
            withExtendedLifetime(directory) { #expect(usage.usage(of: .device("8:0"), node: node) == expected) }
        }
    }

    private func usage(_ files: [String: String]) throws -> (SystemUsage, TemporaryDirectory) {
        let (root, directory) = try tree(files)
        return (SystemUsage(proc: KernelTree(root + "/proc"), sys: KernelTree(root + "/sys")), directory)
    }

    private func tree(_ files: [String: String]) throws -> (String, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        for (name, text) in files {
            let url = URL(fileURLWithPath: directory.path(name))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return (directory.path, directory)
    }
}
