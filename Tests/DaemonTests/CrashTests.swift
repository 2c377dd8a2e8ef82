// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import TestSupport
import Testing

extension DaemonTests {
    /// kill -9 and SIGTERM in the middle of jobs; the next start brings everything to a clean end.
    struct CrashTests {
        private static let rounds = isSoak ? 50 : 3

        @Test(arguments: ["none", "bz2"])
        func `killed while it makes backups`(_ algorithm: String) throws {
            let seed = SeededGenerator.seed()
            var generator = SeededGenerator(seed: seed)
            var settings = DaemonSettings.slow
            settings.compression = algorithm
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.packable(12 << 20), name: "disk")
            let other = try daemon.register(.noise(10_000), name: "other")
            for round in 0..<Self.rounds {
                let name: Comment = "round \(round), seed \(seed)"
                let running = try daemon.startBackup(of: volume)
                let waiting = try daemon.startBackup(of: other)
                try daemon.waitForFiles(Int.random(in: 0...14, using: &generator), of: running)
                daemon.kill()
                try daemon.start()

                // It may not have begun when the daemon was killed, and may have been complete.
                let isSettled = try eventually(within: DaemonFixture.patience) {
                    try daemon.status(of: running) != "creating"
                }
                #expect(isSettled, name)
                let backup = try daemon.backup(running)
                switch backup.text("status") {
                case "error": #expect(backup.text("fail_reason")?.contains("interrupted") == true, name)
                case "available": #expect(try areIdentical(daemon.restoreToNewImage(running), daemon.imagePath("disk")))
                default: Issue.record("\(name): \(backup.text)")
                }
                try daemon.wait(for: waiting, toBe: "available")
                #expect(try daemon.volume(volume).text("status") == "available", name)
                try daemon.checkRepository(name)
                for id in [running, waiting] {
                    #expect(try daemon.delete(id).status == 202, name)
                    try daemon.waitUntilGone(id)
                }
                #expect(try daemon.storedFiles() == [], name)
            }
        }

        @Test func `killed while it restores`() throws {
            let seed = SeededGenerator.seed()
            var generator = SeededGenerator(seed: seed)
            let daemon = try DaemonFixture(.slow)
            let id = try daemon.backUp(try daemon.register(.packable(12 << 20), name: "disk"))
            let target = try daemon.register(.noise(12 << 20, seed: 6), name: "target")
            for round in 0..<Self.rounds {
                let name: Comment = "round \(round), seed \(seed)"
                _ = try daemon.startRestore(of: id, to: target)
                let wanted = Int64.random(in: 0...12 << 20, using: &generator)
                _ = try eventually {
                    let backup = try daemon.backup(id)
                    return backup.text("status") != "restoring"
                        || backup[key: "progress"]?.integer("bytes_done") ?? 0 >= wanted
                }
                daemon.kill()
                try daemon.start()
                try daemon.wait(for: id, toBe: "available")
                let volume = try daemon.volume(target)
                if volume.text("status") == "error_restoring" {
                    #expect(volume.text("fail_reason")?.contains("interrupted") == true, name)
                    #expect(volume[key: "target_written"] == true, name)
                } else {
                    #expect(volume.text("status") == "available", name)
                }
                try daemon.checkRepository(name)
            }
            #expect(try daemon.restore(id, to: target).text("status") == "available")
            #expect(try areIdentical(daemon.imagePath("target"), daemon.imagePath("disk")))
        }

        @Test func `killed while it deletes`() throws {
            let seed = SeededGenerator.seed()
            var generator = SeededGenerator(seed: seed)
            var settings = DaemonSettings()
            settings.chunkBytes = 32 << 10
            settings.compression = "none"
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.noise(16 << 20), name: "disk")
            for round in 0..<Self.rounds {
                let id = try daemon.backUp(volume)
                let left = Int.random(in: 0...514, using: &generator)
                #expect(try daemon.delete(id).status == 202)
                _ = try eventually { try daemon.storedFiles(of: id).count <= left }
                daemon.kill()
                try daemon.start()
                try daemon.waitUntilGone(id)
                #expect(try daemon.storedFiles() == [], "round \(round), seed \(seed)")
            }
        }

        @Test func `a daemon that is asked to stop ends its backups at once`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(24 << 20), name: "disk")
            let other = try daemon.register(.noise(10_000), name: "other")
            let running = try daemon.startBackup(of: volume)
            let waiting = try daemon.startBackup(of: other)
            try daemon.waitForFiles(2, of: running)
            daemon.stop()
            #expect(try daemon.storedFiles() == [], "the stopped job has tidied up")
            try daemon.start()
            let backup = try daemon.backup(running)
            #expect(backup.text("status") == "error")
            #expect(backup.text("fail_reason")?.contains("interrupted") == true, "\(backup.text)")
            #expect(try daemon.volume(volume).text("status") == "available")
            try daemon.wait(for: waiting, toBe: "available")
            try daemon.checkRepository("after the restart")
        }

        @Test func `a daemon that is asked to stop ends its restores at once`() throws {
            let daemon = try DaemonFixture(.slow)
            let id = try daemon.backUp(try daemon.register(.packable(24 << 20), name: "disk"))
            let target = try daemon.register(.noise(24 << 20, seed: 6), name: "target")
            _ = try daemon.startRestore(of: id, to: target)
            let isUnderWay = try eventually {
                (try daemon.backup(id)[key: "progress"]?.integer("bytes_done") ?? 0) > 0
            }
            #expect(isUnderWay)
            try daemon.restart()
            #expect(try daemon.status(of: id) == "available")
            let volume = try daemon.volume(target)
            #expect(volume.text("status") == "error_restoring")
            #expect(volume.text("fail_reason")?.contains("interrupted") == true, "\(volume.text)")
            #expect(volume[key: "target_written"] == true)
        }

        @Test func `a second daemon on the same state directory ends at once and says why`() throws {
            let daemon = try DaemonFixture()
            let second = try daemon.spawn()
            #expect(second.waitForEnd() == .exited(75))
            let directory = daemon.root.path("state")
            #expect(daemon.log.contains("another cinderblockd is running on the state directory \(directory)"))
            #expect(try daemon.request("GET", "/healthz").status == 200, "the first one is not disturbed")
        }

        @Test func `what is registered and backed up is there after a restart`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let id = try daemon.backUp(volume)
            let before = try daemon.backup(id)
            for restart in [
                { try daemon.restart() },
                {
                    daemon.kill(); try daemon.start()
                },
            ] {
                try restart()
                #expect(try daemon.backup(id) == before)
                #expect(try daemon.volume(volume).text("status") == "available")
            }
            #expect(try areIdentical(daemon.restoreToNewImage(id), daemon.imagePath("disk")))
        }
    }
}

extension DaemonFixture {
    /// Every file in the repository is one of a complete backup, whose files are all there; the spool is empty.
    func checkRepository(_ name: Comment, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var owned = 0
        for backup in try list("/backups/detail?status=available") {
            let count = try storedFiles(of: Self.id(backup)).count
            #expect(Int64(count) == (backup.integer("object_count") ?? 0) + 2, name, sourceLocation: sourceLocation)
            owned += count
        }
        let files = try storedFiles()
        #expect(files.count == owned, "\(name): \(files)", sourceLocation: sourceLocation)
        #expect(try spoolFiles() == [], name, sourceLocation: sourceLocation)
    }
}
