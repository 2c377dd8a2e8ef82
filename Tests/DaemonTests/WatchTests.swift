// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// Clients that follow what happens, over the real daemon.
    struct WatchTests {
        private typealias Event = EventStream.Event

        @Test func `a thousand watchers that read slowly or never hold up nobody`() throws {
            try DescriptorLimit.raise(to: 4096)
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(48 << 20), name: "disk")
            let other = try daemon.register(.noise(1000), name: "other")
            let id = try daemon.startBackup(of: volume)
            #expect(try eventually { (try daemon.backup(id)[key: "progress"]?.integer("bytes_done") ?? 0) > 0 })
            let before = daemon.threadCount
            let streams = try (0..<1000).map { index in
                try daemon.stream(index.isMultiple(of: 2) ? "/events" : "/backups/\(id)/events")
            }
            // A burst of requests gets a few threads more; 1,000 would show.
            #expect(daemon.threadCount <= before + 50, "\(before) before")
            #expect(try daemon.status(of: id) == "creating", "they watch a running backup")
            let waiting = try daemon.startBackup(of: other)
            while try daemon.status(of: id) == "creating" {
                for stream in streams.prefix(10) { _ = try stream.next() }
                #expect(try daemon.request("GET", "/healthz").status == 200)
            }
            try daemon.wait(for: id, toBe: "available")
            try daemon.wait(for: waiting, toBe: "available")
            #expect(daemon.threadCount <= before + 50)
            // What the unit promises for everything together.
            #expect(daemon.peakResidentBytes <= daemon.settings.memoryLimitBytes + 64 << 20)

            for stream in streams.enumerated() where stream.offset % 2 == 1 {
                let events = try stream.element.events(through: "end")
                #expect(events.last?.name == "end" && events.last?.json.text("status") == "available")
                #expect(try stream.element.endsNow())
            }
            daemon.stop()
            for stream in streams.enumerated() where stream.offset % 2 == 0 {
                var names: [String] = []
                while let event = try stream.element.next() { names.append(event.name) }
                #expect(names.filter { $0 == "end" }.count <= 2)
                #expect(try stream.element.endsNow())
            }
        }

        @Test func `a backup is followed to its end, over a restart of the daemon`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(24 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            let stream = try daemon.stream("/backups/\(id)/events")
            var events: [Event] = []
            while (events.last?.percent ?? 0) < 20 { events.append(try #require(try stream.next())) }
            daemon.stop()
            while let event = try stream.next() { events.append(event) }
            #expect(!events.contains { $0.name == "end" }, "the stream ends, the job has not")
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.percent <= $1.percent })

            try daemon.start()
            let again = try daemon.stream("/backups/\(id)/events", after: stream.lastID)
            let rest = try again.events(through: "end")
            #expect(rest.map(\.name) == ["status", "end"])
            #expect(rest.allSatisfy { $0.json.text("status") == "error" })
            #expect(try daemon.stream("/backups/\(id)/events", after: again.lastID).head.status == 204)
        }

        @Test func `everything that happens to a backup is told of`() throws {
            let daemon = try DaemonFixture(.slow)
            let all = try daemon.stream("/events")
            let volume = try daemon.register(.packable(8 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            let stream = try daemon.stream("/backups/\(id)/events")
            #expect(try stream.events(through: "end").last?.percent == 100)
            let target = try daemon.startRestore(of: id)
            let ending = try daemon.stream("/backups/\(id)/events").events(through: "end").last
            #expect(ending?.json[key: "succeeded"] == true || ending?.json[key: "succeeded"] == .null)
            #expect(ending?.json.text("restore_volume_id") == target)
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)

            let second = try daemon.startBackup(of: volume)
            #expect(try daemon.delete(second).status == 202)
            try daemon.waitUntilGone(second)

            var told: [String] = []
            while told.last != "end \(second) deleted" {
                let event = try #require(try all.next())
                if event.name == "progress" { continue }
                let subject = event.json.text("backup_id") ?? event.json.text("volume_id") ?? ""
                told.append("\(event.name) \(subject) \(event.json.text("status") ?? "")")
            }
            #expect(
                told == [
                    "volume \(volume) available", "volume \(volume) backing-up", "status \(id) creating",
                    "status \(id) available", "end \(id) available", "volume \(volume) available",
                    "status \(id) restoring", "volume \(target) restoring-backup",
                    "status \(id) available", "end \(id) available", "volume \(target) available",
                    "status \(id) deleting", "status \(id) deleted", "end \(id) deleted",
                    "volume \(volume) backing-up", "status \(second) creating", "status \(second) deleting",
                    "status \(second) deleted", "end \(second) deleted",
                ])
        }

        @Test func `a request that waits is answered as soon as the status changes`() throws {
            let daemon = try DaemonFixture(.slow)
            let volume = try daemon.register(.packable(8 << 20), name: "disk")
            let id = try daemon.startBackup(of: volume)
            let answer = try daemon.request("GET", "/backups/\(id)?wait=300")
            #expect(answer.json[key: "backup"]?.text("status") == "available")
            #expect(try daemon.volume(volume).text("status") == "available")
            let client = try daemon.client()
            _ = try client.request("GET", "/healthz")
            try client.send("GET /backups/\(id)?wait=300 HTTP/1.1\r\nHost: t\r\n\r\n")
            // Connections are served in the order in which they have something: this one after that.
            #expect(try daemon.request("GET", "/healthz").status == 200)
            daemon.stop()
            #expect(try client.receive().status == 200, "a stop answers it")
        }
    }
}

extension DaemonFixture {
    func stream(_ path: String, after last: String? = nil) throws -> EventStream {
        try EventStream(client(), path, after: last)
    }
}

extension EventStream.Event {
    fileprivate var json: JSONValue { (try? JSONValue(parsing: Array(data.utf8))) ?? nil }
    fileprivate var percent: Double { json[key: "progress"]?.double("percent") ?? -1 }
}
