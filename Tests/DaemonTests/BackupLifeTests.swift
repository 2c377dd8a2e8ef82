// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// From the first backup of a volume to the deletion of the last.
    struct BackupLifeTests {
        @Test func `backs up, backs up what has changed, restores each and deletes`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(3_000_001), name: "disk")
            let path = daemon.imagePath("disk")
            let first = try daemon.root.copy(path, "first")
            let full = try daemon.backUp(volume)
            try overwrite(path, at: 700_000, with: noiseBytes(100_000, seed: 2))
            let second = try daemon.root.copy(path, "second")
            let incremental = try daemon.backUp(volume, incremental: true)

            let answer = try daemon.backup(incremental)
            #expect(answer.text("parent_id") == full)
            #expect(answer[key: "is_incremental"] == true)
            #expect(answer.integer("size_bytes") == 3_000_001)
            #expect((answer.integer("stored_bytes") ?? .max) < 200_000)
            #expect(try daemon.backup(full)[key: "has_dependent_backups"] == true)

            #expect(try areIdentical(daemon.restoreToNewImage(full), first))
            #expect(try areIdentical(daemon.restoreToNewImage(incremental), second))
            #expect(try daemon.restore(full, to: volume).text("status") == "available")
            #expect(try areIdentical(path, first))

            let refusal = try daemon.delete(full)
            #expect(refusal.status == 400 && refusal.reason == "has_dependent_backups", "\(refusal)")
            for id in [incremental, full] {
                #expect(try daemon.delete(id).status == 202)
                try daemon.waitUntilGone(id)
            }
            #expect(try daemon.storedFiles() == [])
            #expect(try daemon.list("/backups/detail").isEmpty)
        }

        @Test(arguments: [0, 1, 262_143, 262_144, 262_145, 524_288])
        func `restores volumes of odd lengths exactly`(_ length: Int) throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(length), name: "disk")
            let id = try daemon.backUp(volume)
            let backup = try daemon.backup(id)
            #expect(backup.integer("object_count") == Int64((length + 262_143) / 262_144))
            #expect(backup.integer("size_bytes") == Int64(length))
            #expect(backup.integer("size") == 1)
            #expect(backup[key: "progress"]?.double("percent") == 100)
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }

        @Test(arguments: ["none", "off", "no", "zlib", "gzip", "bz2", "bzip2", "zstd"])
        func `packs with every algorithm under every name`(_ name: String) throws {
            var settings = DaemonSettings()
            settings.compression = name
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.mixed(1_000_000), name: "disk")
            let id = try daemon.backUp(volume)
            #expect(try daemon.backup(id).text("compression") == (["off", "no"].contains(name) ? "none" : name))
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }

        @Test func `a volume that grew stays incremental`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(500_000), name: "disk")
            let path = daemon.imagePath("disk")
            let full = try daemon.backUp(volume)
            try truncate(path, to: 900_000)
            try overwrite(path, at: 800_000, with: noiseBytes(50_000, seed: 3))
            let id = try daemon.backUp(volume, incremental: true)
            #expect(try daemon.backup(id).text("parent_id") == full)
            #expect(try areIdentical(daemon.restoreToNewImage(id), path))
        }

        @Test func `a volume that shrank is backed up in full, and the answer and the log say why`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(500_000), name: "disk")
            let path = daemon.imagePath("disk")
            let full = try daemon.backUp(volume)
            try truncate(path, to: 300_000)
            let answer = try daemon.createBackup(of: volume, incremental: true)
            #expect(answer.text("remark")?.contains("shrank from 500000 to 300000") == true, "\(answer.text)")
            let id = try DaemonFixture.id(answer)
            let backup = try daemon.wait(for: id, toBe: "available")
            #expect(backup[key: "is_incremental"] == false && backup[key: "parent_id"] == .null)
            #expect(daemon.log.contains("shrank from 500000 to 300000"))
            #expect(try areIdentical(daemon.restoreToNewImage(id), path))
            #expect(try daemon.delete(full).status == 202, "nothing depends on it")
        }

        @Test func `an increment has its parent's block size, whatever the configuration says by then`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1_000_000), name: "disk")
            let path = daemon.imagePath("disk")
            _ = try daemon.backUp(volume)
            daemon.settings.blockBytes = 48 << 10
            daemon.settings.chunkBytes = 192 << 10
            try daemon.restart()
            try overwrite(path, at: 500_000, with: [1])
            let id = try daemon.backUp(volume, incremental: true)
            let backup = try daemon.backup(id)
            #expect(backup.integer("object_count") == 1)
            #expect((backup.integer("stored_bytes") ?? .max) <= 32 << 10)
            let list = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("_sha256file") })
            let digests = try CinderFixture.json(daemon.repository + "/" + list)
            #expect(digests.integer("chunk_size") == 32 << 10)
            #expect(try areIdentical(daemon.restoreToNewImage(id), path))
        }

        @Test func `two volumes share a container, and deleting from it spares the other's objects`() throws {
            let daemon = try DaemonFixture()
            let volumes = try ["a", "b"].map { try daemon.register(.noise(600_000, seed: $0 == "a" ? 1 : 2), name: $0) }
            let ids = try volumes.map { try daemon.backUp($0, container: "tenant/shared") }
            #expect(try daemon.storedFiles().allSatisfy { $0.hasPrefix("tenant/shared/") })
            #expect(try daemon.delete(ids[0]).status == 202)
            try daemon.waitUntilGone(ids[0])
            #expect(try daemon.storedFiles(of: ids[0]) == [])
            #expect(try areIdentical(daemon.restoreToNewImage(ids[1]), daemon.imagePath("b")))
            #expect(try daemon.delete(ids[1]).status == 202)
            try daemon.waitUntilGone(ids[1])
            #expect(try daemon.storedFiles() == [])
            let isThere = FileManager.default.fileExists(atPath: daemon.repository + "/tenant/shared")
            #expect(isThere, "a client's container stays")
        }

        @Test(arguments: ["", "../x", "a/../../x", "/etc", "a//..", ".", "./", "a\u{0}b"])
        func `containers outside the repository are refused`(_ container: String) throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let answer = try daemon.request(
                "POST", "/backups", DaemonFixture.backupRequest(of: volume, container: container))
            #expect(answer.status == 400, "\(answer)")
            #expect(try daemon.volume(volume).text("status") == "available")
        }

        @Test func `what a volume is called comes back with its data`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let traits: JSONValue = [
                "name": "Überschrift \"1\"", "description": "first\nsecond", "metadata": ["k": "v"],
            ]
            #expect(try daemon.request("PUT", "/volumes/\(volume)", ["volume": traits]).status == 200)
            let id = try daemon.backUp(volume)
            let restored = try daemon.restore(id)
            #expect(restored.text("name") == "Überschrift \"1\"")
            #expect(restored.text("description") == "first\nsecond")
            #expect(restored[key: "metadata"] == ["k": "v", "src_backup_id": .string(id)])
        }

        @Test func `a volume out of a backup has its exact length, or the larger one that was asked for`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(try daemon.register(.noise(12_345), name: "disk"))
            for (size, bytes) in [(1, 12_345), (2, 2 << 30)] as [(Int64, Int64)] {
                let body: JSONValue = ["volume": ["name": "new", "size": .integer(size), "backup_id": .string(id)]]
                let answer = try daemon.request("POST", "/volumes", body)
                let volume = try DaemonFixture.id(#require(answer.json[key: "volume"], "\(answer)"))
                try daemon.wait(for: id, toBe: "available")
                #expect(try daemon.wait(forVolume: volume, toBe: "available").integer("size_bytes") == bytes)
            }
        }

        @Test func `a target that is too short is refused`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(try daemon.register(.noise(12_345), name: "disk"))
            let small = try daemon.register(.noise(12_344), name: "small")
            let answer = try daemon.askForRestore(of: id, to: small)
            #expect(answer.status == 400 && answer.reason == "volume_too_small", "\(answer)")
        }

        @Test func `what a restore has to do without is told in the answer and the log`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(try daemon.register(.noise(100_000), name: "disk"))
            let list = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("_sha256file") })
            try FileManager.default.removeItem(atPath: daemon.repository + "/" + list)
            let answer = try daemon.askForRestore(of: id)
            #expect(answer.json[key: "restore"]?.text("warning")?.contains("sha256file") == true, "\(answer)")
            let volume = try #require(answer.json[key: "restore"]?.text("volume_id"))
            try daemon.wait(forVolume: volume, toBe: "available")
            #expect(try areIdentical(daemon.source(of: volume), daemon.imagePath("disk")))
            #expect(daemon.log.contains("warning Restore goes on backup_id=\(id)"))
        }

        @Test func `bytes behind the end of the backup stay as they are`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(try daemon.register(.noise(100_001), name: "disk"))
            let large = try daemon.register(.noise(200_000, seed: 9), name: "large")
            let before = try Data(contentsOf: URL(fileURLWithPath: daemon.imagePath("large")))
            #expect(try daemon.restore(id, to: large).text("status") == "available")
            let after = try Data(contentsOf: URL(fileURLWithPath: daemon.imagePath("large")))
            let source = try Data(contentsOf: URL(fileURLWithPath: daemon.imagePath("disk")))
            #expect(after == source + before[100_001...])
        }
    }
}

extension TemporaryDirectory {
    /// Copies a file into it; returns the path of the copy.
    func copy(_ file: String, _ name: String) throws -> String {
        try FileManager.default.copyItem(atPath: file, toPath: path(name))
        return path(name)
    }
}
