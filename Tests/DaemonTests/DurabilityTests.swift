// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// What is called available was seen on stable storage; what failed on the way there is an error.
    struct DurabilityTests {
        private static let type = (fuse: 0x6573_5546, overlay: 0x794c_7630, ext4: 0xef53)

        private let faults: SystemFaults
        private let daemon: DaemonFixture

        init() throws {
            faults = try SystemFaults()
            var settings = DaemonSettings()
            settings.compression = "none"
            settings.chunkBytes = 1 << 20
            daemon = try DaemonFixture(settings, environment: faults.environment)
        }

        /// One object that goes straight to the disk, and a short one that does not.
        private func register() throws -> String { try daemon.register(.noise(1 << 20 + 40_000), name: "disk") }

        /// Makes a backup that must fail; returns why it did.
        private func failedBackup(of volume: String) throws -> String {
            let id = try daemon.startBackup(of: volume)
            return try daemon.wait(for: id, toBe: "error").text("fail_reason") ?? ""
        }

        /// 122 is EDQUOT, 5 EIO, 4 EINTR.
        @Test(arguments: [
            "close -00001 122", "close -00002 122", "close _sha256file 5", "close _metadata 5", "close -00002 4",
            "syncfs /repository/ 5", "fsync _metadata 28", "fsyncdir /repository/ 5", "rename _metadata 5",
            "renamed _metadata 5",
        ])
        func `an error on the way to the disk fails the backup, and nothing is left of it`(_ rule: String) throws {
            try faults.set(rule, "type / \(Self.type.ext4)")
            let volume = try register()
            let reason = try failedBackup(of: volume)
            let call = rule.prefix { $0 != " " && $0 != "d" }
            #expect(reason.contains(call == "fsync" || call == "syncfs" ? "sync" : call), "\(reason)")
            #expect(try daemon.storedFiles() == [])
            #expect(daemon.isRunning)
            try faults.set()
            #expect(try areIdentical(daemon.restoreToNewImage(daemon.backUp(volume)), daemon.imagePath("disk")))
        }

        @Test(arguments: [
            "fsync -00001 5", "fsync -00002 28", "fsync _sha256file 5", "fsync -00002 22", "fsyncdir /repository/ 5",
        ])
        func `an error of fsync fails the backup where syncfs is not trusted`(_ rule: String) throws {
            try faults.set(rule, "type / \(Self.type.fuse)")
            let reason = try failedBackup(of: register())
            #expect(reason.contains("sync"), "\(reason)")
            #expect(try daemon.storedFiles() == [])
        }

        @Test(arguments: [type.fuse, type.overlay])
        func `each object, and each directory up to the root, is fsynced where syncfs is not trusted`(
            _ type: Int
        ) throws {
            try faults.set("type / \(type)")
            let volume = try register()
            let full = try daemon.backUp(volume)
            try overwrite(daemon.imagePath("disk"), at: 5, with: [1, 2, 3])
            for id in [full, try daemon.backUp(volume, incremental: true)] {
                let calls = try faults.calls(on: "/repository")
                for name in try daemon.storedFiles(of: id) where !name.hasSuffix("_metadata") {
                    #expect(calls.contains { $0.call == "fsync" && $0.path.hasSuffix(name) }, "\(name)")
                }
                #expect(calls.contains { $0.call == "fsync" && $0.path.contains(".tmp-\(id)") })
                let container = "/repository/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))/\(id)"
                var directory = container[...]
                while directory.contains("/") {
                    #expect(calls.contains { $0.call == "fsyncdir" && $0.path.hasSuffix(directory) }, "\(directory)")
                    directory = directory.prefix(upTo: directory.lastIndex(of: "/") ?? directory.startIndex)
                }
                #expect(!calls.contains { $0.call == "syncfs" })
            }
        }

        @Test func `one syncfs is enough where it is trusted`() throws {
            try faults.set("type / \(Self.type.ext4)")
            let id = try daemon.backUp(register())
            let calls = try faults.calls(on: id)
            #expect(calls.filter { $0.call == "fsync" }.allSatisfy { $0.path.contains(".tmp-") })
            #expect(calls.count { $0.call == "syncfs" } == 1)
        }

        /// 22 is EINVAL, 95 EOPNOTSUPP, 1 EPERM.
        @Test(arguments: [type.ext4, type.fuse], [22, 95])
        func `directories that cannot be fsynced, and modes that cannot be set, are no failures`(
            _ type: Int, _ error: Int
        ) throws {
            try faults.set("type / \(type)", "fsyncdir / \(error)", "fchmod / \(error == 22 ? 1 : error)")
            let id = try daemon.backUp(register())
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
            #expect(try !faults.calls(on: "/repository").filter { $0.call == "fsyncdir" }.isEmpty)
            #expect(try !faults.calls(on: id).filter { $0.call == "fchmod" }.isEmpty)
        }

        @Test(arguments: ["close volume- 5", "close volume- 122", "fsync volume- 5"])
        func `an error on the way to the restored volume fails the restore`(_ rule: String) throws {
            let id = try daemon.backUp(register())
            let target = try daemon.register(.noise(1 << 20 + 40_000, seed: 7), name: "volume-target")
            try faults.set(rule)
            let volume = try daemon.restore(id, to: target)
            #expect(volume.text("status") == "error_restoring", "\(volume.text)")
            #expect(volume.text("fail_reason")?.contains(rule.hasPrefix("close") ? "close" : "sync") == true)
            #expect(try daemon.restore(id).text("status") != "available", "nor to a new file")
            try faults.set()
            #expect(try daemon.restore(id, to: target).text("status") == "available")
            #expect(try areIdentical(daemon.imagePath("volume-target"), daemon.imagePath("disk")))
        }

        @Test func `a copy of digests that cannot be closed is none, and the backup is good`() throws {
            let volume = try register()
            _ = try daemon.backUp(volume)
            #expect(FileManager.default.fileExists(atPath: daemon.root.path("state/digests/\(volume)")))
            try faults.set("close /digests/ 28")
            _ = try daemon.backUp(volume)
            #expect(!FileManager.default.fileExists(atPath: daemon.root.path("state/digests/\(volume)")))
            try overwrite(daemon.imagePath("disk"), at: 70_000, with: [1, 2, 3])
            let child = try daemon.backUp(volume, incremental: true)
            #expect(try areIdentical(daemon.restoreToNewImage(child), daemon.imagePath("disk")))
        }
    }
}
