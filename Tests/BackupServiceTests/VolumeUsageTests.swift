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
        let (usage, machine) = try usage(Self.machine)
        withExtendedLifetime(machine) { #expect(usage.usage(of: .device(device), node: nil) == expected) }
    }

    /// File systems that have more devices than the one in mountinfo.
    private static let sharing = [
        "sys/dev/block/8:16/uevent": "MAJOR=8\nMINOR=16\nDEVNAME=sdb\n",
        "sys/dev/block/8:32/uevent": "DEVNAME=sdc\n",
        "sys/dev/block/104:0/uevent": "DEVNAME=cciss/c0d0\n",
        "sys/dev/block/8:48/uevent": "DEVNAME=sdd\n",
        "sys/dev/block/8:64/uevent": "DEVNAME=sde\n",
        "sys/fs/btrfs/features/raid1c34": "0\n",
        "sys/fs/btrfs/u-u/devices/sdf/dev": "8:80\n",
        "sys/fs/btrfs/u-u/devices/sdg/dev": "8:96\n",
        "sys/fs/xfs/sdd/log/log_head_lsn": "1\n",
        "sys/fs/ext4/features/lazy_itable_init": "supported\n",
        "proc/fs/jbd2/sdb/info": "", "proc/fs/jbd2/sdc-8/info": "", "proc/fs/jbd2/cciss!c0d0/info": "",
    ]

    @Test(arguments: [
        ("8:16", VolumeUsage.inUse(reason: "journal of a mounted file system")),
        ("8:32", .free),
        ("104:0", .inUse(reason: "journal of a mounted file system")),
        ("8:48", .inUse(reason: "mounted as xfs where this process does not see it")),
        ("8:64", .free),
        ("8:80", .inUse(reason: "part of the mounted btrfs u-u")),
        ("8:96", .inUse(reason: "part of the mounted btrfs u-u")),
    ])
    func `a device is in use with the file system that it is a part of`(
        _ device: String, expected: VolumeUsage
    ) throws {
        let (usage, machine) = try usage(Self.sharing)
        withExtendedLifetime(machine) { #expect(usage.usage(of: .device(device), node: nil) == expected) }
    }

    @Test func `the log of a mounted xfs is in use`() throws {
        let machine = try VolumeFixture()
        let log = try machine.file("images/log")
        let options = "rw,attr2,logdev=\(log),noquota"
        let (usage, copy) = try usage([
            "proc/self/mountinfo": "30 1 8:1 / /srv rw - xfs /dev/sda1 \(options)\n"
        ])
        // A file plays the device: what the option leads to is what is compared.
        let identity = try FileStatus(of: log, followingLink: false).identity
        withExtendedLifetime(copy) {
            #expect(
                usage.usage(of: .file(identity), node: nil) == .inUse(reason: "journal of what is mounted on /srv"))
            #expect(usage.usage(of: .device("8:2"), node: nil) == .free)
        }
    }

    @Test func `a lock of the mount's number is the file's, and ours is not another's`() throws {
        let node = FileStatus.Identity(fileSystem: 44, inode: 7)
        let mountinfo = "30 1 0:42 / /srv rw - btrfs /dev/sda1 rw\n"
        for (lock, expected) in [
            ("OFDLCK ADVISORY  WRITE -1 00:2a:7", true), ("FLOCK  ADVISORY  READ \(getpid()) 00:2a:7", true),
            ("FLOCK  ADVISORY  WRITE \(getpid()) 00:2a:7", false), ("FLOCK  ADVISORY  WRITE 1 00:2b:7", false),
        ] {
            let (usage, copy) = try usage([
                "proc/self/mountinfo": mountinfo, "proc/locks": "1: \(lock) 0 EOF\n",
            ])
            withExtendedLifetime(copy) {
                let found = usage.usage(of: .file(node), node: node, mountID: 30)
                #expect(found == (expected ? .inUse(reason: "locked by another process") : .free), "\(lock)")
            }
        }
    }

    @Test func `mounts are found however many layers above`() throws {
        let (usage, machine) = try usage(Self.machine)
        withExtendedLifetime(machine) {
            #expect(usage.mountPoints(on: .device("8:0")) == ["/", "/mnt/my disk", "/mnt/bound"])
            #expect(usage.mountPoints(on: .device("8:2")) == ["/mnt/my disk", "/mnt/bound"])
            #expect(usage.mountPoints(on: .device("8:16")) == [])
        }
    }

    /// What a container masks, and why a volume counts as in use then.
    @Test(arguments: [
        ([:], "perhaps mounted: /proc/self/mountinfo tells nothing"),
        (["sys/block/sda/dev": "8:0"], "perhaps mounted: /proc/self/mountinfo tells nothing"),
        (
            ["sys/block/sda/dev": "8:0", "proc/self/mountinfo": ""],
            "perhaps mounted: /proc/self/mountinfo tells nothing"
        ),
        (["proc/self/mountinfo": mountinfo], "perhaps attached to a loop device: /sys/block tells nothing"),
        (
            ["proc/self/mountinfo": mountinfo, "sys/block/sda/dev": "8:0"],
            "perhaps locked: /proc/locks does not show the locks of this process"
        ),
        (
            [
                "proc/self/mountinfo": mountinfo, "sys/block/sda/dev": "8:0",
                "proc/locks": """
                1: OFDLCK ADVISORY  WRITE -1 fe:00:78 0 EOF
                2: FLOCK  ADVISORY  WRITE 7 fe:00:77 0 EOF
                """,
            ], "perhaps locked: /proc/locks does not show the locks of this process"
        ),
    ])
    func `what cannot be found out counts as in use`(_ files: [String: String], reason: String) throws {
        let machine = try MachineCopy(exactly: files)
        let witness = try Self.identity(inode: 77)
        let usage = SystemUsage(proc: machine.proc, sys: machine.sys, witness: witness)
        #expect(usage.usage(of: .device("8:0"), node: nil) == .inUse(reason: reason))
        #expect(usage.usage(of: .file(witness), node: nil) == .inUse(reason: reason))
    }

    @Test func `a lock of ours that is seen, and a better reason, count`() throws {
        // The number of the file system is another one than stat(2) gives, as on btrfs.
        let locks = "1: OFDLCK ADVISORY  WRITE -1 00:2a:77 0 EOF\n"
        let seeing = try MachineCopy(["proc/locks": locks])
        let witness = try Self.identity(inode: 77)
        #expect(
            SystemUsage(proc: seeing.proc, sys: seeing.sys, witness: witness).usage(of: .device("8:0"), node: nil)
                == .free)
        let blind = try MachineCopy(Self.machine)
        #expect(
            SystemUsage(proc: blind.proc, sys: blind.sys, witness: witness).usage(of: .device("8:0"), node: nil)
                == .inUse(reason: "mounted on /"))
    }

    private static let mountinfo = "27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"

    private static func identity(inode: UInt64) throws -> FileStatus.Identity {
        FileStatus.Identity(fileSystem: 254 << 8, inode: inode)
    }

    @Test func `a file is known behind a loop device and as swap by what it is, not by its name`() throws {
        let machine = try VolumeFixture()
        let (attached, swap) = (try machine.file("images/a.img"), try machine.file("images/swap file"))
        let (replaced, free) = (try machine.file("images/b.img"), try machine.file("images/c.img"))
        try machine.link("outside/other-name", to: attached)
        let copy = try MachineCopy([
            "proc/swaps": "Filename Type Size Used Priority\n\(machine.root)/images/swap\\040file file 4 0 -2\n",
            "sys/block/loop3/dev": "7:3\n",
            "sys/block/loop3/loop/backing_file": machine.path("outside/other-name") + "\n",
            "sys/block/loop4/dev": "7:4\n",
            "sys/block/loop4/loop/backing_file": replaced + " (deleted)\n",
            "sys/block/loop5/dev": "7:5\n",
        ])
        let access = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: [machine.path("images")],
            proc: copy.proc, sys: copy.sys)
        try withExtendedLifetime(copy) {
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

    private func usage(_ files: [String: String]) throws -> (SystemUsage, MachineCopy) {
        let machine = try MachineCopy(files)
        return (SystemUsage(proc: machine.proc, sys: machine.sys), machine)
    }
}
