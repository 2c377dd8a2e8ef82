// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// DELETE of what is being made, and the end of a restore by hand.
    struct CancelTests {
        private static let rounds = isSoak ? 100 : 4
        /// The promise is two seconds; a machine that builds beside the tests gets more.
        private static let deadline: Duration = isSoak ? .seconds(2) : .seconds(10)

        @Test(arguments: ["none", "zlib", "bz2", "zstd"])
        func `a backup that is deleted at any moment leaves nothing behind`(_ algorithm: String) throws {
            var settings = DaemonSettings()
            settings.compression = algorithm
            settings.chunkBytes = 1 << 20
            let seed = SeededGenerator.seed()
            var generator = SeededGenerator(seed: seed)
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.mixed(24 << 20), name: "disk")
            for round in 0..<Self.rounds {
                let id = try daemon.startBackup(of: volume)
                // Two files more than there are chunks: the end of the backup is a moment, too.
                let files = Int.random(in: 0...26, using: &generator)
                try daemon.waitForFiles(files, of: id)
                try daemon.checkCancel(of: id, on: volume, within: Self.deadline, "round \(round), seed \(seed)")
            }
            let id = try daemon.backUp(volume)
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }

        @Test func `a backup that is deleted in the moment it begins is gone, too`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            for round in 0..<(isSoak ? 2_000 : 100) {
                let id = try daemon.startBackup(of: volume)
                try daemon.checkCancel(of: id, on: volume, within: Self.deadline, "round \(round)")
            }
        }

        @Test func `a chunk of noise that is being packed by bz2 does not hold up the cancel`() throws {
            var settings = DaemonSettings()
            settings.compression = "bz2"
            settings.chunkBytes = 16 << 20
            settings.memoryLimitBytes = 256 << 20
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.noise(64 << 20), name: "disk")
            for files in isSoak ? [0, 0, 1, 1, 2, 2, 3, 3] : [0, 1] {
                let id = try daemon.startBackup(of: volume)
                let hasBegun = try eventually {
                    try daemon.events(of: id).contains { $0.type == "backup.create.start" }
                }
                #expect(hasBegun)
                try daemon.waitForFiles(files, of: id)
                try daemon.checkCancel(of: id, on: volume, within: Self.deadline, "after \(files) objects")
            }
        }

        @Test func `a backup that waits for its turn is gone at once`() throws {
            let daemon = try DaemonFixture(.slow)
            let busy = try daemon.register(.packable(24 << 20), name: "busy")
            let waiting = try daemon.register(.noise(1000), name: "waiting")
            let first = try daemon.startBackup(of: busy)
            let second = try daemon.startBackup(of: waiting)
            #expect(try daemon.backup(second)[key: "progress"]?.text("phase") == "queued")
            #expect(try daemon.volume(waiting).text("status") == "backing-up")
            #expect(try daemon.delete(second).status == 202)
            try daemon.waitUntilGone(second)
            #expect(try daemon.status(of: first) == "creating", "the other one goes on")
            #expect(try daemon.volume(waiting).text("status") == "available")
            #expect(try daemon.delete(first).status == 202)
            #expect([202, 404].contains(try daemon.delete(first).status), "asked for twice")
            try daemon.waitUntilGone(first)
            #expect(try daemon.delete(first).status == 404)
            #expect(try daemon.storedFiles() == [])
            _ = try daemon.backUp(waiting)
        }

        @Test func `a volume that is being backed up is busy`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(24 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            let second = try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: volume))
            #expect(second.status == 400 && second.reason == "volume_busy", "\(second)")
            let forget = try daemon.request("POST", "/volumes/\(volume)/action", ["os-unmanage": [:]])
            #expect(forget.status == 400 && forget.reason == "volume_busy", "\(forget)")
            let reset = try daemon.reset(id, to: "error")
            #expect(reset.status == 400 && reset.reason == "invalid_status", "\(reset)")
            let export = try daemon.request("GET", "/backups/\(id)/export_record")
            #expect(export.status == 400 && export.reason == "invalid_status", "\(export)")
            #expect(try daemon.askForRestore(of: id).status == 400)
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
        }

        @Test func `a reset cancels a restore, which can be repeated`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(32 << 20), name: "disk")
            let id = try daemon.backUp(volume)
            let target = try daemon.register(.noise(32 << 20, seed: 5), name: "target")
            _ = try daemon.startRestore(of: id, to: target)
            #expect(try daemon.volume(target).text("status") == "restoring-backup")
            #expect(try daemon.delete(id).status == 400, "it is being restored")
            let isUnderWay = try eventually {
                (try daemon.backup(id)[key: "progress"]?.integer("bytes_done") ?? 0) > 0
            }
            #expect(isUnderWay)
            #expect(try daemon.reset(id, to: "error").status == 202)
            let ended = try daemon.wait(forVolume: target, toBe: "error_restoring", within: Self.deadline)
            #expect(ended.text("fail_reason")?.contains("cancelled") == true, "\(ended.text)")
            #expect(ended[key: "target_written"] == true)
            try daemon.wait(for: id, toBe: "available")
            #expect(try daemon.restore(id, to: target).text("status") == "available")
            #expect(try areIdentical(daemon.imagePath("target"), daemon.imagePath("disk")))
        }

        @Test func `a restore that waits for its turn is cancelled without a byte written`() throws {
            let daemon = try DaemonFixture(.slow)
            let small = try daemon.backUp(try daemon.register(.noise(1000), name: "small"))
            let busy = try daemon.startBackup(of: try daemon.register(.packable(24 << 20), name: "busy"))
            let target = try daemon.register(.noise(1000, seed: 7), name: "target")
            let before = try sha256(ofFile: daemon.imagePath("target"))
            _ = try daemon.startRestore(of: small, to: target)
            let progress = try #require(daemon.backup(small)[key: "progress"])
            #expect(progress.text("phase") == "queued" && progress.integer("bytes_done") == 0, "\(progress.text)")
            #expect(try daemon.reset(small, to: "available").status == 202)
            let volume = try daemon.wait(forVolume: target, toBe: "error_restoring")
            #expect(volume[key: "target_written"] == false)
            #expect(try daemon.status(of: small) == "available")
            #expect(try sha256(ofFile: daemon.imagePath("target")) == before)
            #expect(try daemon.delete(busy).status == 202)
            #expect(
                try daemon.request("POST", "/volumes/\(target)/action", ["os-reset_status": ["status": "available"]])
                    .status == 202)
            #expect(try daemon.volume(target).text("status") == "available")
        }
    }
}

extension DaemonSettings {
    /// One job at a time, which takes long.
    static var slow: DaemonSettings {
        var settings = DaemonSettings()
        settings.compression = "bz2"
        settings.chunkBytes = 1 << 20
        settings.maxRunningJobs = 1
        return settings
    }
}

extension VolumeImage {
    /// Noise that packs to about half its length: slow to pack and to unpack.
    static func packable(_ length: Int, seed: UInt64 = 1) -> VolumeImage {
        let digits = noiseBytes(1 << 20, seed: seed).map { $0 & 0x0f }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length + digits.count)
        while bytes.count < length { bytes += digits }
        return VolumeImage(length: length, parts: [(0, Array(bytes.prefix(length)))])
    }
}

extension DaemonFixture {
    /// Waits until a backup has so many files in the repository, or has ended.
    func waitForFiles(_ count: Int, of id: String) throws {
        let isSo = try eventually(within: Self.patience) {
            try storedFiles(of: id).count >= count || status(of: id) != "creating"
        }
        guard isSo else { throw Unexpected("backup \(id) has not got \(count) files") }
    }

    /// Deletes a backup that may still be under way: its objects go, then it is gone and its volume free.
    func checkCancel(
        of id: String, on volume: String, within deadline: Duration, _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(try delete(id).status == 202, "\(name)", sourceLocation: sourceLocation)
        let isEmpty = try eventually(within: deadline) { try storedFiles(of: id).isEmpty }
        let left = try storedFiles(of: id)
        #expect(isEmpty, "\(name): \(left)", sourceLocation: sourceLocation)
        try waitUntilGone(id)
        #expect(try storedFiles() == [], "\(name)", sourceLocation: sourceLocation)
        #expect(try self.volume(volume).text("status") == "available", "\(name)", sourceLocation: sourceLocation)
    }
}
