// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import BackupService
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

/// Devices that come and go, and what they are known by. Real loop devices.
@Suite(.enabled(if: isRoot, "needs root"), .serialized)
struct VolumeIdentityTests {
    private let machine: VolumeFixture

    init() throws { machine = try VolumeFixture(allowing: ["/dev"]) }

    @Test func `the same device under another number goes on`() throws {
        var first: LoopDevice? = try loop("disk")
        let link = try machine.link("images/db", to: try #require(first).path)
        let record = try machine.register(link, identified: true)
        #expect(record.identity?.kind == .loop)
        // The number stays taken until there is another one.
        let second = try LoopDevice(over: machine.path("images/disk.img"))
        first = nil
        try machine.remove("images/db")
        try machine.link("images/db", to: second.path)

        let found = try machine.access.locate(record)
        #expect(try found.device == second.deviceNumber() && found.device != record.device)
        #expect(found.identity == record.identity && found.id == record.id && found.source == record.source)
        #expect(eventually { machine.access.usage(of: record) == .free })
        _ = try machine.access.openForReading(record)
        _ = try machine.access.openForWriting(record)
    }

    @Test func `another device under the old number or path is refused with both their names`() throws {
        let (mine, foreign) = (try loop("mine"), try loop("foreign"))
        for source in [mine.path, try machine.link("images/db", to: mine.path)] {
            var record = try machine.register(source, identified: true)
            // As after a reboot: the path leads there, and the number is the one it was.
            record.device = try foreign.deviceNumber()
            record.source = foreign.path
            let number = BlockDevice.numberText(try foreign.deviceNumber())
            let error = try #require(throws: ServiceError.self) { try machine.access.openForReading(record) }
            let text = "\(error)"
            #expect(text.contains("another device (\(number), loop \(machine.path("images/foreign.img"))"), "\(text)")
            #expect(text.contains("instead of \(number), loop \(machine.path("images/mine.img"))"), "\(text)")
            #expect(throws: error) { try machine.access.openForWriting(record) }
            #expect(throws: error) { try machine.access.locate(record) }
            #expect(throws: error) { try machine.access.checkTarget(record) }
            #expect(throws: error) { try machine.access.sizeBytes(record) }
            #expect(machine.access.usage(of: record) == .free && machine.access.synchronize(record) == [])
        }
        withExtendedLifetime((mine, foreign)) {}
    }

    @Test func `another part of the same file is another device`() throws {
        let device = try loop("disk")
        let record = try machine.register(device.path, identified: true)
        let path = try Shell.run("losetup", "--find", "--show", "--offset", "1048576", machine.path("images/disk.img"))
        defer { _ = try? Shell.run("losetup", "--detach", path) }
        var moved = record
        moved.source = path
        #expect(throws: ServiceError.self) { try machine.access.locate(moved) }
        withExtendedLifetime(device) {}
    }

    @Test func `a device that was registered before there were identities gets one where its number agrees`() throws {
        let (device, other) = (try loop("disk"), try loop("other"))
        let record = try machine.register(device.path)
        #expect(record.identity == nil)
        #expect(try machine.access.locate(record).identity == machine.register(device.path, identified: true).identity)
        var moved = record
        moved.source = other.path
        #expect(throws: ServiceError.self) { try machine.access.locate(moved) }
        withExtendedLifetime(device) {}
    }

    @Test func `a device of 0 bytes is no volume`() throws {
        let device = try loop("disk")
        let record = try machine.register(device.path, identified: true)
        try OpenFile(machine.path("images/disk.img"), O_RDWR).truncate(to: 0)
        try Shell.run("losetup", "--set-capacity", device.path)
        let refusal = ServiceError.badSource(device.path, reason: "it is a device of 0 bytes: there is nothing in it")
        #expect(throws: refusal) { try machine.access.resolve(source: device.path) }
        #expect(throws: refusal) { try machine.access.sizeBytes(record) }
        #expect(throws: EngineError.emptyDevice(path: device.path)) {
            try VolumeReader(machine.access.openForReading(record))
        }
        #expect(try machine.access.resolve(source: machine.path("images/disk.img")).sizeBytes == 0)
        withExtendedLifetime(device) {}
    }

    @Test func `a read-only device is no target`() throws {
        let image = try machine.file("images/disk.img", bytes: 32 << 20)
        let path = try Shell.run("losetup", "--find", "--show", "--read-only", image)
        defer { _ = try? Shell.run("losetup", "--detach", path) }
        let record = try machine.register(path, identified: true)
        _ = try machine.access.openForReading(record)
        let refusal = ServiceError.notWritable(record.id, reason: "the device is read-only")
        #expect(throws: refusal) { try machine.access.checkTarget(record) }
        #expect(throws: refusal) { try machine.access.openForWriting(record) }
    }

    @Test func `a file on a read-only mount is no target`() throws {
        _ = try machine.temporary.directory("images/sub")
        try machine.file("images/sub/a.img")
        let record = try machine.register(machine.path("images/sub/a.img"))
        #expect(try machine.access.checkTarget(record) != nil)
        let directory = machine.path("images/sub")
        try Shell.run("mount", "--bind", directory, directory)
        defer { _ = try? Shell.run("umount", directory) }
        try Shell.run("mount", "-o", "remount,bind,ro", directory)
        let error = try #require(throws: ServiceError.self) { try machine.access.checkTarget(record) }
        #expect(error == .notWritable(record.id, reason: "Read-only file system"))
        #expect(throws: error) { try machine.access.openForWriting(record) }
    }

    private func loop(_ name: String) throws -> LoopDevice {
        try LoopDevice(over: machine.file("images/\(name).img", bytes: 32 << 20))
    }
}
