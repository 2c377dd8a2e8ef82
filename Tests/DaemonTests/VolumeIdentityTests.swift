// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// A volume is what it is, not what its number or its name says.
    struct VolumeIdentityTests {
        private static let bytes = 3 << 20

        @Test(.enabled(if: isRoot, "needs root"))
        func `a device that has another number after a reboot goes on`() throws {
            let daemon = try DaemonFixture()
            try VolumeImage.noise(Self.bytes).write(to: daemon.imagePath("disk"))
            var device: LoopDevice? = try LoopDevice(over: daemon.imagePath("disk"))
            let link = try daemon.link("db", to: try #require(device).path)
            let volume = try daemon.register(link)
            let full = try daemon.backUp(volume)
            daemon.stop()
            // The number stays taken until there is another one.
            let renumbered = try LoopDevice(over: daemon.imagePath("disk"))
            device = nil
            try overwrite(daemon.imagePath("disk"), at: 1 << 20, with: noiseBytes(4096, seed: 9))
            try Shell.run("blockdev", "--flushbufs", renumbered.path)
            try daemon.link("db", to: renumbered.path)
            try daemon.start()
            let child = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(child).text("parent_id") == full)
            #expect(try areIdentical(daemon.restoreToNewImage(child), daemon.imagePath("disk")))
            #expect(try daemon.restore(full, to: volume).text("status") == "available")
            try VolumeImage.noise(Self.bytes).write(to: daemon.imagePath("before"))
            #expect(try areIdentical(daemon.imagePath("disk"), daemon.imagePath("before")))
            withExtendedLifetime(renumbered) {}
        }

        @Test(.enabled(if: isRoot, "needs root"))
        func `another device in its place is left alone until it is registered`() throws {
            let daemon = try DaemonFixture()
            let devices = try ["mine", "foreign"].enumerated().map { seed, name in
                try VolumeImage.noise(Self.bytes, seed: UInt64(seed)).write(to: daemon.imagePath(name))
                return try LoopDevice(over: daemon.imagePath(name))
            }
            let link = try daemon.link("db", to: devices[0].path)
            let volume = try daemon.register(link)
            let full = try daemon.backUp(volume)
            try daemon.link("db", to: devices[1].path)
            let before = try sha256(ofFile: daemon.imagePath("foreign"))
            for isIncremental in [true, false] {
                let body = DaemonFixture.backupRequest(of: volume, incremental: isIncremental, force: true)
                let refusal = try daemon.request("POST", "/backups", body)
                #expect(refusal.status == 400 && refusal.reason == "bad_source", "\(refusal)")
                for name in ["mine", "foreign"] { #expect("\(refusal)".contains(daemon.imagePath(name))) }
            }
            let refusal = try daemon.askForRestore(of: full, to: volume)
            #expect(refusal.status == 400 && refusal.reason == "bad_source", "\(refusal)")
            #expect(try sha256(ofFile: daemon.imagePath("foreign")) == before)

            #expect(try daemon.register(link, id: volume) == volume)
            let child = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(child).text("parent_id") == full)
            #expect(try areIdentical(daemon.restoreToNewImage(child), daemon.imagePath("foreign")))
            withExtendedLifetime(devices) {}
        }

        @Test func `a file that took the target's place while the restore waited is not written to`() throws {
            var settings = DaemonSettings()
            settings.maxRunningJobs = 1
            settings.compression = "bz2"
            settings.chunkBytes = 4 << 20
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.noise(Self.bytes), name: "disk")
            let full = try daemon.backUp(volume)
            let running = try daemon.startBackup(of: daemon.register(.noise(256 << 20), name: "large"))
            let hasBegun = try eventually {
                try daemon.events(of: running).contains { $0.type == "backup.create.start" }
            }
            #expect(hasBegun)
            _ = try daemon.startRestore(of: full, to: volume)
            try VolumeImage.noise(Self.bytes, seed: 7).write(to: daemon.imagePath("other"))
            let before = try sha256(ofFile: daemon.imagePath("other"))
            try Shell.run("mv", daemon.imagePath("other"), daemon.imagePath("disk"))
            _ = try daemon.delete(running)
            let failed = try daemon.wait(forVolume: volume, toBe: "error_restoring")
            #expect(failed[key: "target_written"] == .bool(false), "\(failed.text)")
            #expect(failed.text("fail_reason")?.contains("another file") == true, "\(failed.text)")
            #expect(try sha256(ofFile: daemon.imagePath("disk")) == before)

            #expect(try daemon.restore(full, to: volume).text("status") == "available")
            #expect(try daemon.status(of: daemon.backUp(volume, incremental: true)) == "available")
        }

        /// All in one directory, as in the README.
        @Test func `the daemon's own files are no volumes`() throws {
            var settings = DaemonSettings()
            settings.allowsAll = true
            let daemon = try DaemonFixture(settings)
            let full = try daemon.backUp(daemon.register(.noise(Self.bytes), name: "disk"))
            let object = try #require(try daemon.storedFiles(of: full).first)
            var paths = [daemon.repository + "/" + object]
            for name in ["state/catalog.sqlite", "state/token", "state/lock", "cinderblock.yaml", "progress.jsonl"] {
                let link = daemon.imagePath("link-\(paths.count)")
                try FileManager.default.linkItem(atPath: daemon.root.path(name), toPath: link)
                paths += [daemon.root.path(name), link]
            }
            for path in paths + [daemon.logPath] {
                let refusal = try daemon.request(
                    "POST", "/manageable_volumes", ["volume": ["ref": ["source-name": .string(path)]]])
                #expect(refusal.status == 400 && refusal.reason == "bad_source", "\(path): \(refusal)")
            }
            let image = try daemon.restoreToNewImage(full)
            #expect(try areIdentical(image, daemon.imagePath("disk")))
        }
    }
}

extension DaemonFixture {
    /// A link among the images, in the place of one that was there.
    @discardableResult
    fileprivate func link(_ name: String, to target: String) throws -> String {
        let path = imagePath(name)
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        return path
    }
}
