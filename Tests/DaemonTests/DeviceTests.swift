// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// Real block devices, file systems on them, and who else uses them.
    @Suite(.enabled(if: isRoot, "needs root"))
    struct DeviceTests {
        private static let deviceBytes = 24 << 20

        @Test(arguments: [512, 4096])
        func `a change on a mounted device is in the next increment`(_ sectorBytes: Int) throws {
            let daemon = try DaemonFixture()
            let device = try daemon.loopDevice("disk", sectorBytes: sectorBytes)
            try Shell.run("mkfs.ext4", "-q", "-F", device.path)
            let mounted = try MountedDevice(device, on: daemon.root.directory("mount"))
            try noiseBytes(3 << 20, seed: 4).write(to: mounted.mountPoint + "/kept")
            try Data("before".utf8).write(to: URL(fileURLWithPath: mounted.mountPoint + "/changed"))
            try Shell.run("sync", "-f", mounted.mountPoint)

            let volume = try daemon.register(device.path)
            #expect(try daemon.volume(volume).text("status") == "in-use")
            let refusal = try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: volume))
            #expect(refusal.status == 400 && refusal.reason == "force_needed", "\(refusal)")
            let full = try daemon.backUp(volume, force: true)

            try Data("after".utf8).write(to: URL(fileURLWithPath: mounted.mountPoint + "/changed"))
            try Shell.run("sync", "-f", mounted.mountPoint)
            let child = try daemon.backUp(volume, incremental: true, force: true)
            let stored = try daemon.backup(child).integer("stored_bytes") ?? .max
            #expect((1..<2 << 20).contains(stored), "an increment, not a full one: \(stored)")

            for (id, content) in [(full, "before"), (child, "after")] {
                let image = try daemon.restoreToNewImage(id)
                let restored = try MountedDevice(
                    LoopDevice(over: image, sectorBytes: sectorBytes), on: daemon.root.directory("restored-\(content)"))
                let text = try String(contentsOfFile: restored.mountPoint + "/changed", encoding: .utf8)
                #expect(text == content)
                #expect(try areIdentical(restored.mountPoint + "/kept", mounted.mountPoint + "/kept"))
            }
        }

        @Test(arguments: [512, 4096])
        func `a device is restored to another one`(_ sectorBytes: Int) throws {
            let daemon = try DaemonFixture()
            let source = try daemon.loopDevice("source", sectorBytes: sectorBytes, .mixed(Self.deviceBytes))
            let id = try daemon.backUp(daemon.register(source.path))
            let target = try daemon.loopDevice("target", sectorBytes: sectorBytes, .noise(Self.deviceBytes, seed: 9))
            let volume = try daemon.restore(id, to: daemon.register(target.path))
            #expect(volume.text("status") == "available", "\(volume.text)")
            #expect(try areIdentical(daemon.imagePath("target"), daemon.imagePath("source")))
        }

        @Test func `a device that is too small, or mounted, is no target`() throws {
            let daemon = try DaemonFixture()
            let source = try daemon.loopDevice("source", .noise(Self.deviceBytes))
            let id = try daemon.backUp(daemon.register(source.path))
            let small = try daemon.loopDevice("small", VolumeImage(length: 23 << 20))
            let tooSmall = try daemon.askForRestore(of: id, to: daemon.register(small.path))
            #expect(tooSmall.status == 400 && tooSmall.reason == "volume_too_small", "\(tooSmall)")

            let target = try daemon.loopDevice("target")
            try Shell.run("mkfs.ext4", "-q", "-F", target.path)
            let volume = try daemon.register(target.path)
            do {
                let mounted = try MountedDevice(target, on: daemon.root.directory("mount"))
                let refusal = try daemon.askForRestore(of: id, to: volume)
                #expect(refusal.status == 400 && refusal.reason == "volume_in_use", "\(refusal)")
                withExtendedLifetime(mounted) {}
            }
            #expect(try daemon.restore(id, to: volume).text("status") == "available")
            #expect(try areIdentical(daemon.imagePath("target"), daemon.imagePath("source")))
        }

        @Test func `an image that is attached to a loop device is in use`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1 << 20), name: "disk")
            do {
                let device = try LoopDevice(over: daemon.imagePath("disk"))
                #expect(try daemon.volume(volume).text("status") == "in-use")
                let refusal = try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: volume))
                #expect(refusal.status == 400 && refusal.reason == "force_needed", "\(refusal)")
                _ = try daemon.backUp(volume, force: true)
                withExtendedLifetime(device) {}
            }
            #expect(try eventually { try daemon.volume(volume).text("status") == "available" })
        }
    }
}

extension DaemonFixture {
    /// A loop device over an image of that name.
    func loopDevice(
        _ name: String, sectorBytes: Int = 512, _ image: VolumeImage = VolumeImage(length: 24 << 20)
    ) throws -> LoopDevice {
        try image.write(to: imagePath(name))
        return try LoopDevice(over: imagePath(name), sectorBytes: sectorBytes)
    }
}

extension [UInt8] {
    fileprivate func write(to path: String) throws { try Data(self).write(to: URL(fileURLWithPath: path)) }
}
