// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// Real loop devices.
@Suite(.enabled(if: isRoot, "needs root"), .serialized)
struct VolumeDeviceTests {
    private let machine: VolumeFixture

    init() throws { machine = try VolumeFixture(allowing: ["/dev"]) }

    @Test(arguments: [512, 4096])
    func `a device is read and written by its number, through any links`(sectorBytes: Int) throws {
        let device = try loop(sectorBytes: sectorBytes)
        try machine.link("images/near", to: device.path)
        try machine.link("images/far", to: "near")
        for source in [device.path, machine.path("images/far")] {
            let record = try machine.register(source)
            #expect(record.source == source && record.sizeBytes == 32 << 20)
            #expect(try record.device == device.deviceNumber())
            #expect(try BlockDevice(machine.access.openForReading(record)).sectorBytes == sectorBytes)
            #expect(machine.access.usage(of: record) == .free)
            let target = try machine.access.openForWriting(record)
            #expect(try BlockDevice(target).bytes == 32 << 20)
        }
        withExtendedLifetime(device) {}
    }

    @Test func `a link that leads to another device is refused`() throws {
        let (old, new) = (try loop("a"), try loop("b"))
        try machine.link("images/db", to: old.path)
        let record = try machine.register(machine.path("images/db"))
        try machine.remove("images/db")
        try machine.link("images/db", to: new.path)
        let numbers = try [new, old].map { BlockDevice.numberText(try $0.deviceNumber()) }
        let reason = "it is now another device (\(numbers[0]) instead of \(numbers[1]))"
        #expect(throws: ServiceError.badSource(record.source, reason: reason)) {
            try machine.access.openForReading(record)
        }
        #expect(throws: ServiceError.badSource(record.source, reason: reason)) {
            try machine.access.openForWriting(record)
        }
        withExtendedLifetime((old, new)) {}
    }

    @Test func `a file that has become a device is refused`() throws {
        let device = try loop()
        let record = try machine.register(try machine.file("images/a.img"))
        try machine.remove("images/a.img")
        try machine.link("images/a.img", to: device.path)
        #expect(throws: ServiceError.badSource(record.source, reason: "it was a file, and is now a block device")) {
            try machine.access.openForReading(record)
        }
        withExtendedLifetime(device) {}
    }

    @Test(arguments: [512, 4096])
    func `a mounted device is in use, and can be read but not written`(sectorBytes: Int) throws {
        let device = try loop(sectorBytes: sectorBytes)
        let record = try machine.register(device.path)
        do {
            let mounted = try mount(device)
            let reason = "mounted on \(mounted.mountPoint)"
            #expect(machine.access.usage(of: record) == .inUse(reason: reason))
            #expect(throws: ServiceError.volumeInUse(record.id, reason: reason)) {
                try machine.access.openForWriting(record)
            }
            _ = try machine.access.openForReading(record)
            withExtendedLifetime(mounted) {}
        }
        #expect(machine.access.usage(of: record) == .free)
        _ = try machine.access.openForWriting(record)
    }

    @Test func `the kernel has the last word on a device`() throws {
        let device = try loop()
        let copy = try MachineCopy()
        let blind = VolumeAccess(
            directory: machine.path("volumes"), allowedPaths: ["/dev"], proc: copy.proc, sys: copy.sys)
        let record = try machine.register(device.path)
        let mounted = try mount(device)
        withExtendedLifetime(mounted) {
            #expect(blind.usage(of: record) == .free)
            #expect(throws: ServiceError.volumeInUse(record.id, reason: "the kernel holds it")) {
                try blind.openForWriting(record)
            }
        }
    }

    @Test func `a device that is open for writing cannot be mounted`() throws {
        let device = try loop()
        try Shell.run("mkfs.ext4", "-q", device.path)
        let mountPoint = try machine.temporary.directory("mnt")
        let target = try machine.access.openForWriting(try machine.register(device.path))
        _ = withExtendedLifetime(target) {
            #expect(throws: Shell.Failure.self) { try MountedDevice(device, on: mountPoint) }
        }
    }

    @Test func `a file or device behind a loop device is in use`() throws {
        let lower = try loop()
        let file = try machine.register(machine.path("images/disk.img"))
        #expect(machine.access.usage(of: file) == .inUse(reason: "attached to \(lower.path)"))
        #expect(throws: ServiceError.volumeInUse(file.id, reason: "attached to \(lower.path)")) {
            try machine.access.openForWriting(file)
        }
        let upper = try LoopDevice(over: lower.path)
        let device = try machine.register(lower.path)
        #expect(machine.access.usage(of: device) == .inUse(reason: "attached to \(upper.path)"))
        #expect(throws: ServiceError.volumeInUse(device.id, reason: "attached to \(upper.path)")) {
            try machine.access.openForWriting(device)
        }
        withExtendedLifetime((lower, upper)) {}
    }

    @Test func `a new file in the place of an attached one is free`() throws {
        let device = try loop()
        let record = try machine.register(machine.path("images/disk.img"))
        try machine.remove("images/disk.img")
        try machine.file("images/disk.img")
        withExtendedLifetime(device) { #expect(machine.access.usage(of: record) == .free) }
    }

    @Test func `a mounted partition makes its disk in use`() throws {
        let image = try machine.file("images/disk.img", bytes: 32 << 20)
        let device = try LoopDevice(over: image, withPartitions: true)
        // Told, not written and scanned: some kernels read no partition tables.
        try Shell.run("addpart", device.path, "1", "2048", "32768")
        try #require(eventually { access(device.path + "p1", F_OK) == 0 })
        try Shell.run("mkfs.ext4", "-q", device.path + "p1")
        let (disk, partition) = (try machine.register(device.path), try machine.register(device.path + "p1"))
        #expect(machine.access.usages(of: [disk, partition]) == [.free, .free])
        let mounted = try MountedDevice(device, partition: 1, on: try machine.temporary.directory("mnt"))
        let inUse = VolumeUsage.inUse(reason: "mounted on \(machine.path("mnt"))")
        #expect(machine.access.usages(of: [disk, partition]) == [inUse, inUse])
        try expectSynchronized(disk, mounted)
    }

    @Test func `what was written to a mounted file system is on the device after synchronizing`() throws {
        let device = try loop()
        let mounted = try mount(device)
        try expectSynchronized(try machine.register(device.path), mounted)
        try expectSynchronized(try machine.register(machine.path("images/disk.img")), mounted)
    }

    private func expectSynchronized(_ record: VolumeRecord, _ mounted: MountedDevice) throws {
        let needle = Data("needle \(ResourceID.random())".utf8)
        try needle.write(to: URL(fileURLWithPath: mounted.mountPoint + "/\(ResourceID.random())"))
        #expect(machine.access.synchronize(record) == [])
        let file = try OpenFile(record.source, O_RDONLY | OpenFile.directAccess)
        let memory = try AlignedBuffer(byteCount: 32 << 20)
        #expect(try file.read(into: memory.bytes, at: 0) == 32 << 20)
        #expect(Data(memory.bytes).range(of: needle) != nil, "\(record.source)")
        withExtendedLifetime(mounted) {}
    }

    private func loop(_ name: String = "disk", sectorBytes: Int = 512) throws -> LoopDevice {
        try LoopDevice(over: machine.file("images/\(name).img", bytes: 32 << 20), sectorBytes: sectorBytes)
    }

    private func mount(_ device: LoopDevice) throws -> MountedDevice {
        try Shell.run("mkfs.ext4", "-q", device.path)
        let mountPoint = try machine.temporary.directory("my mount")
        return try MountedDevice(device, on: machine.path((mountPoint as NSString).lastPathComponent))
    }
}
