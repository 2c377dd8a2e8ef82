// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    struct ProgressLogTests {
        @Test func `a backup reports at its start, after every few chunks and at its end`() throws {
            var settings = DaemonSettings()
            settings.chunksPerNotification = 3
            let daemon = try DaemonFixture(settings)
            let volume = try daemon.register(.noise(10 << 18), name: "disk")
            let id = try daemon.backUp(volume)
            let events = try daemon.waitForEvent("backup.create.end", of: id)
            #expect(events.first?.type == "backup.create.start" && events.last?.type == "backup.create.end")
            let progress = events.filter { $0.type == "backup.createprogress" }
            // One by the timer, and after the chunks 3, 6 and 9.
            #expect(progress.count == 4, "\(progress)")
            for (_, payload) in progress {
                #expect(payload.text("volume_id") == volume && payload.text("status") == "creating")
                #expect(payload.integer("size") == 1)
                #expect(payload.text("service_metadata")?.hasPrefix("volume_\(volume)_") != false)
                #expect((payload.double("backup_percent") ?? 100) < 100, "not complete yet")
                #expect(payload.integer("bytes_total") == 10 << 18 && payload.text("phase") == "reading")
                if case .array? = payload[key: "objects"] { Issue.record("the list of objects is in the log") }
            }
            let percents = events.map { $0.payload.double("backup_percent") ?? -1 }
            #expect(percents == percents.sorted() && percents.last == 100, "\(percents)")
            #expect(progress.contains { $0.payload.integer("objects") == 9 })
        }

        @Test func `without the timer only chunks count`() throws {
            var settings = DaemonSettings()
            settings.isTimerEnabled = false
            let daemon = try DaemonFixture(settings)
            let id = try daemon.backUp(daemon.register(.noise(9 << 18), name: "disk"))
            let events = try daemon.waitForEvent("backup.create.end", of: id)
            #expect(events.map(\.type) == ["backup.create.start", "backup.create.end"])
        }

        @Test func `restores, failures and deletions are in the log`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let id = try daemon.backUp(volume)
            _ = try daemon.restore(id)
            _ = try daemon.waitForEvent("backup.restore.end", of: id)
            let object = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("-00001") })
            try overwrite(daemon.repository + "/" + object, at: 0, with: [1, 2, 3, 4, 5])
            let broken = try daemon.restore(id)
            #expect(broken.text("status") == "error_restoring")
            _ = try daemon.waitForEvent("backup.restore.error", of: id)
            #expect(try daemon.delete(id).status == 202)
            let types = try daemon.waitForEvent("backup.delete.end", of: id).map(\.type)
            for type in ["backup.restore.start", "backup.restore.progress", "backup.delete.start"] {
                #expect(types.contains(type), "\(types)")
            }
            try FileManager.default.removeItem(atPath: daemon.imagePath("disk"))
            let failing = try daemon.request("POST", "/backups", DaemonFixture.backupRequest(of: volume))
            #expect(failing.status == 400 && failing.reason == "bad_source", "\(failing)")
        }

        @Test func `a log that was moved away is begun anew after a hang-up`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let first = try daemon.backUp(volume)
            _ = try daemon.waitForEvent("backup.create.end", of: first)
            let moved = daemon.root.path("progress.1")
            try FileManager.default.moveItem(atPath: daemon.progressLogPath, toPath: moved)
            daemon.hangUp()
            #expect(eventually { daemon.log.contains("Reopening the progress log") })
            let second = try daemon.backUp(volume)
            _ = try daemon.waitForEvent("backup.create.end", of: second)
            #expect(try daemon.events(of: first).isEmpty)
            #expect(try String(contentsOfFile: moved, encoding: .utf8).contains(second) == false)
        }
    }
}

extension DaemonFixture {
    /// Waits for an event of a backup, which may come after what the API tells; returns all of them so far.
    func waitForEvent(_ type: String, of id: String) throws -> [(type: String, payload: JSONValue)] {
        let isThere = try eventually { try events(of: id).contains { $0.type == type } }
        let found = try events(of: id)
        guard isThere else { throw Unexpected("no \(type) in \(found.map(\.type))") }
        return found
    }
}
