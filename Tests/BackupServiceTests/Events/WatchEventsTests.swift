// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import TestSupport
import Testing

@testable import BackupService

/// `GET /backups/{id}/events` and `GET /events`.
struct WatchEventsTests {
    private let fixture: FeedFixture
    init() throws { fixture = try FeedFixture() }

    private func names(_ events: [EventStream.Event]) -> [String] {
        events.filter { $0.name != "progress" }.map { "\($0.name) \($0.status)" }
    }

    @Test func `a backup is told of from its state to its end`() throws {
        let id = try fixture.addBackup(name: "n")
        let stream = try fixture.stream("/backups/\(id)/events")
        #expect(stream.head.status == 200 && stream.head["Content-Type"] == "text/event-stream")
        #expect(stream.head["Cache-Control"] == "no-store" && stream.head["x-openstack-request-id"] != nil)
        let first = try #require(try stream.next())
        #expect(stream.retry == 3000)
        #expect(first.name == "status" && first.status == "creating" && first.json.text("name") == "n")
        #expect(first.json.text("backup_id") == id.text && first.id?.hasPrefix(fixture.feed.epoch + "-") == true)

        fixture.advance(id, to: 400)
        var event = try #require(try stream.next())
        while event.percent < 40 { event = try #require(try stream.next()) }
        #expect(event.name == "progress" && event.status == "creating" && event.percent == 40)
        let shown = try fixture.client().request("GET", "/backups/\(id)")
        let progress = try JSONValue(parsing: shown.body)[key: "backup"]?[key: "progress"]
        #expect(keys(event.json[key: "progress"]) == keys(progress))

        try fixture.finish(id)
        let rest = try stream.events(through: "end")
        #expect(names(rest) == ["status available", "end available"])
        #expect(rest.last?.json[key: "succeeded"] == true && rest.last?.percent == 100)
        #expect(rest.filter { $0.percent == 100 }.map(\.name) == ["progress", "status", "end"])
        #expect(try stream.endsNow())
        #expect(eventually { fixture.watcherCount == 0 })
    }

    @Test func `a failure has one end, and less than 100 percent`() throws {
        let id = try fixture.addBackup()
        let stream = try fixture.stream("/backups/\(id)/events")
        fixture.advance(id, to: 1000)
        try fixture.fail(id)
        let events = try stream.events(through: "end")
        #expect(names(events) == ["status creating", "status error", "end error"])
        let end = try #require(events.last)
        #expect(end.json[key: "succeeded"] == false && end.json.text("fail_reason") == "broken")
        #expect(end.percent == 99.9 && end.json[key: "progress"]?.text("phase") == "done")
        #expect(try stream.endsNow())
    }

    @Test func `a cancelled backup ends once, deleted`() throws {
        let id = try fixture.addBackup()
        let stream = try fixture.stream("/backups/\(id)/events")
        _ = try fixture.catalog.requestDeletion(id)
        try fixture.catalog.finishDeletion(id)
        let events = try stream.events(through: "end")
        #expect(names(events) == ["status creating", "status deleting", "status deleted", "end deleted"])
        #expect(events.last?.json[key: "succeeded"] == true)
        #expect(try stream.endsNow())
        #expect(try fixture.client().request("GET", "/backups/\(id)/events").status == 404)
    }

    @Test func `a deletion that fails ends, too`() throws {
        let id = try fixture.addFinishedBackup()
        _ = try fixture.catalog.requestDeletion(id)
        let stream = try fixture.stream("/backups/\(id)/events")
        try fixture.catalog.failDeletion(id, reason: "no permission")
        let events = try stream.events(through: "end")
        #expect(names(events) == ["status deleting", "status error_deleting", "end error_deleting"])
        #expect(events.last?.json[key: "succeeded"] == false)
        #expect(events.last?.json.text("fail_reason") == "no permission")
    }

    @Test func `the end of a restore says how it went`() throws {
        let id = try fixture.addFinishedBackup()
        let target = try fixture.addVolume()
        for succeeds in [false, true] {
            try fixture.catalog.requestRestore(of: id, to: target.id)
            let stream = try fixture.stream("/backups/\(id)/events")
            _ = try fixture.catalog.beginJob(id, expecting: .restoring)
            fixture.board.begin(id, JobProgress(phase: .restoring, bytesTotal: 1000))
            if succeeds {
                _ = try fixture.catalog.finishRestore(id)
            } else {
                try fixture.catalog.failRestore(id, reason: "no disk", targetWritten: true)
            }
            fixture.board.end(id, keeping: false)
            let events = try stream.events(through: "end")
            #expect(names(events) == ["status restoring", "status available", "end available"])
            let end = try #require(events.last)
            #expect(end.json[key: "succeeded"] == .bool(succeeds) && (end.percent == 100) == succeeds)
            #expect(end.json.text("fail_reason") == (succeeds ? nil : "no disk"))
            #expect(end.json.text("restore_volume_id") == target.id.text)
        }
    }

    @Test func `a backup without a job is told of, and that is all`() throws {
        let id = try fixture.addFinishedBackup()
        let stream = try fixture.stream("/backups/\(id)/events")
        let events = try stream.events(through: "end")
        #expect(names(events) == ["status available", "end available"])
        #expect(events.last?.json[key: "succeeded"] == .null && events.last?.percent == 100)
        #expect(try stream.endsNow())

        let last = try #require(stream.lastID)
        for _ in 0..<2 {
            let again = try fixture.stream("/backups/\(id)/events", after: last)
            #expect(again.head.status == 204 && again.head["Content-Type"] == nil)
        }
        // Something new: a job that begins and ends is told of to its end.
        _ = try fixture.catalog.requestDeletion(id)
        try fixture.catalog.finishDeletion(id)
        let more = try fixture.stream("/backups/\(id)/events", after: last)
        #expect(names(try more.events(through: "end")) == ["status deleting", "status deleted", "end deleted"])
        #expect(try more.endsNow())
        #expect(try fixture.stream("/backups/\(id)/events", after: more.lastID).head.status == 204)
    }

    @Test func `a client that comes back misses nothing and hears nothing twice`() throws {
        let id = try fixture.addBackup()
        let first = try fixture.stream("/backups/\(id)/events")
        _ = try first.next()
        let last = try #require(first.lastID)
        _ = try fixture.catalog.requestDeletion(id)
        let second = try fixture.stream("/backups/\(id)/events", after: last)
        #expect(try second.nextStatus() == "deleting")
        let third = try fixture.stream("/backups/\(id)/events", after: second.lastID)
        try fixture.catalog.finishDeletion(id)
        #expect(names(try third.events(through: "end")) == ["status deleted", "end deleted"])
        #expect(names(try second.events(through: "end")) == ["status deleted", "end deleted"])
        let fourth = try fixture.stream("/backups/\(id)/events", after: last)
        #expect(
            names(try fourth.events(through: "end")) == ["status deleting", "status deleted", "end deleted"])
    }

    @Test(arguments: ["", "x", "0123456789ab-1", "EPOCH-9999999", "EPOCH--1"])
    func `an id that is unknown begins with the state`(text: String) throws {
        let last = text.replacing("EPOCH", with: fixture.feed.epoch)
        let busy = try fixture.addBackup()
        let stream = try fixture.stream("/backups/\(busy)/events", after: last)
        #expect(try stream.next()?.status == "creating")
        let idle = try fixture.addFinishedBackup()
        let ended = try fixture.stream("/backups/\(idle)/events", after: last)
        #expect(names(try ended.events(through: "end")) == ["status available", "end available"])
        let all = try fixture.stream("/events", after: last)
        #expect(try all.next()?.json.text("backup_id") == busy.text)
    }

    @Test func `an id that is too old begins with the state`() throws {
        var settings = EventFeed.Settings.quick
        settings.historyLimit = 8
        let fixture = try FeedFixture(settings)
        let id = try fixture.addBackup()
        let first = try fixture.stream("/backups/\(id)/events")
        _ = try first.next()
        for _ in 0..<20 { _ = try fixture.addVolume() }
        _ = try fixture.catalog.requestDeletion(id)
        let again = try fixture.stream("/backups/\(id)/events", after: first.lastID)
        #expect(try again.nextStatus() == "deleting")
        try fixture.catalog.finishDeletion(id)
        #expect(names(try again.events(through: "end")) == ["status deleted", "end deleted"])
    }

    @Test func `everything is told of, without an end`() throws {
        let stream = try fixture.stream("/events")
        let busy = try fixture.addBackup()
        #expect(try stream.next()?.name == "volume", "registered")
        #expect(try stream.next()?.status == "backing-up")
        #expect(try stream.next()?.status == "creating")
        let begun = stream.lastID
        try fixture.finish(busy)
        #expect(try stream.events(through: "end").last?.json.text("backup_id") == busy.text)
        #expect(try stream.next()?.status == "available", "the volume")
        let volume = try fixture.addVolume()
        #expect(try stream.next()?.json.text("volume_id") == volume.id.text)
        _ = try fixture.catalog.removeVolume(volume.id)
        #expect(try stream.next()?.status == "deleted")

        let again = try fixture.stream("/events", after: begun)
        #expect(try again.events(through: "end").last?.status == "available")
        #expect(try again.next()?.status == "available")
        #expect(try again.next()?.json.text("volume_id") == volume.id.text)
        #expect(try again.next()?.status == "deleted")
        #expect(again.lastID == stream.lastID)
    }

    @Test func `an imported backup is told of`() throws {
        let stream = try fixture.stream("/events")
        var record = BackupRecord(
            id: .random(), volumeID: .random(), status: .available, sizeGiB: 1, createdAt: Timestamp(microseconds: 1))
        record.name = "from afar"
        try fixture.catalog.importBackup(record)
        let event = try #require(try stream.next())
        #expect(event.name == "status" && event.json.text("name") == "from afar" && event.percent == 100)
    }

    @Test func `jobs that wait are told of at the beginning, however many`() throws {
        let count = 300
        for _ in 0..<count { _ = try fixture.addBackup() }
        let stream = try fixture.stream("/events")
        for _ in 0..<256 { #expect(try stream.next()?.status == "creating") }
        _ = try fixture.catalog.removeVolume(try fixture.addVolume().id)
        #expect(try stream.events(through: "volume").contains { $0.name == "status" } == false)
    }

    @Test func `percent never falls, and is 100 at the end only`() throws {
        let id = try fixture.addBackup()
        let stream = try fixture.stream("/backups/\(id)/events")
        for bytes in 1...1000 { fixture.advance(id, to: Int64(bytes)) }
        var event = try #require(try stream.next())
        while event.percent < 99.9 {
            let next = try #require(try stream.next())
            #expect(next.percent >= event.percent)
            event = next
        }
        try fixture.finish(id)
        let rest = try stream.events(through: "end")
        #expect(rest.allSatisfy { $0.percent >= 99.9 } && rest.last?.percent == 100)
    }

    @Test(arguments: ["/events", "/backups/ID/events"])
    func `a stream in silence has comments`(path: String) throws {
        let id = try fixture.addBackup()
        let stream = try fixture.stream(path.replacing("ID", with: id.text))
        for _ in 0..<3 { try stream.waitForComment() }
    }

    @Test func `where nobody watches any more, nobody is told`() throws {
        let id = try fixture.addBackup()
        do {
            let streams = try (0..<10).map { _ in try fixture.stream("/events") }
            _ = try fixture.client().request("HEAD", "/backups/\(id)/events")
            #expect(fixture.watcherCount == streams.count)
        }
        #expect(eventually { fixture.watcherCount == 0 })
    }

    @Test func `HEAD gets the head alone`() throws {
        let id = try fixture.addBackup()
        let client = try fixture.client()
        for path in ["/events", "/backups/\(id)/events"] {
            let head = try client.request("HEAD", path)
            #expect(head.status == 200 && head["Content-Type"] == "text/event-stream")
        }
        #expect(try client.request("GET", "/backups/\(id)").status == 200)
    }

    @Test func `what is not there, and what is not asked rightly, is refused`() throws {
        let requests = [
            ("GET", "/backups/\(ResourceID.random())/events", 404), ("GET", "/backups/x/events", 404),
            ("POST", "/events", 405), ("DELETE", "/backups/\(try fixture.addBackup())/events", 405),
            ("GET", "/events/x", 404),
        ]
        for (method, path, status) in requests {
            #expect(try fixture.client().request(method, path).status == status, "\(method) \(path)")
        }
    }

    private func keys(_ json: JSONValue?) -> [String] {
        guard case .object(let members)? = json else { return [] }
        return members.map(\.key)
    }
}
