// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes
import Posix
import TestSupport
import Testing

@testable import BackupService

/// `GET /backups/{id}?wait=SECONDS` and `GET /volumes/{id}?wait=SECONDS`.
struct WaitTests {
    private let fixture: FeedFixture
    init() throws { fixture = try FeedFixture() }

    /// A client whose request waits.
    private func waiting(_ path: String) throws -> RawHTTPClient {
        let before = fixture.watcherCount
        let client = try fixture.client()
        try client.send("GET \(path)?wait=300 HTTP/1.1\r\nHost: t\r\n\r\n")
        #expect(eventually { fixture.watcherCount == before + 1 })
        return client
    }

    private func status(_ answer: RawHTTPResponse, _ envelope: String) throws -> String? {
        try JSONValue(parsing: answer.body)[key: envelope]?.text("status")
    }

    @Test func `is answered when the status changes, and not when something else does`() throws {
        let id = try fixture.addBackup()
        let client = try waiting("/backups/\(id)")
        fixture.advance(id, to: 500)
        try fixture.catalog.updateBackup(id) { $0.name = "new" }
        let other = try fixture.addBackup()
        try fixture.finish(other)
        #expect(fixture.watcherCount == 1)
        try fixture.finish(id)
        let answer = try client.receive()
        #expect(answer.status == 200)
        #expect(try status(answer, "backup") == "available")
        #expect(answer["x-openstack-request-id"] != nil && answer["Content-Type"] == "application/json")
        #expect(fixture.watcherCount == 0)
    }

    @Test func `is answered when the time is over, with what is so then`() throws {
        let id = try fixture.addBackup()
        let answer = try fixture.client().request("GET", "/backups/\(id)?wait=1")
        #expect(answer.status == 200)
        #expect(try status(answer, "backup") == "creating")
        #expect(fixture.watcherCount == 0)
    }

    @Test func `a backup that is deleted meanwhile is not found`() throws {
        let id = try fixture.addFinishedBackup()
        let first = try waiting("/backups/\(id)")
        _ = try fixture.catalog.requestDeletion(id)
        #expect(try status(first.receive(), "backup") == "deleting")
        let second = try waiting("/backups/\(id)")
        try fixture.catalog.finishDeletion(id)
        let answer = try second.receive()
        #expect(answer.status == 404 && answer.text.contains("backup_not_found"))
    }

    @Test func `a volume can be waited for, too`() throws {
        let id = try fixture.addBackup()
        let volume = try fixture.catalog.backup(id).volumeID
        let client = try waiting("/volumes/\(volume)")
        try fixture.finish(id)
        #expect(try client.receive().status == 200)
        let last = try waiting("/volumes/\(volume)")
        _ = try fixture.catalog.removeVolume(volume)
        #expect(try last.receive().status == 404)
    }

    @Test func `what is not there is not waited for`() throws {
        for path in ["backups", "volumes"] {
            #expect(try fixture.client().request("GET", "/\(path)/\(ResourceID.random())?wait=300").status == 404)
        }
    }

    @Test func `0 does not wait`() throws {
        let id = try fixture.addBackup()
        #expect(try fixture.client().request("GET", "/backups/\(id)?wait=0").status == 200)
    }

    @Test(arguments: ["301", "-1", "", "1.5", "x", "30s", "99999999999999999999", "+5", "1&wait=2"])
    func `other times are refused`(text: String) throws {
        let id = try fixture.addBackup()
        let answer = try fixture.client().request("GET", "/backups/\(id)?wait=\(text)")
        #expect(answer.status == 400 && answer.text.contains("wait"), "\(answer.text)")
    }

    @Test func `who hangs up is forgotten`() throws {
        let id = try fixture.addBackup()
        do { _ = try waiting("/backups/\(id)") }
        #expect(eventually { fixture.watcherCount == 0 })
    }

    @Test func `only who shows the token may watch`() throws {
        let api = BackupAPI(authentication: .token("t")) { _, _ in
            Issue.record("performed")
            return Answer(200)
        }
        for line in [
            "GET /events", "GET /backups/\(backupID)/events", "GET /backups/\(backupID)?wait=5",
            "GET /volumes/\(volumeID)?wait=x",
        ] {
            guard case .response(let response) = api.reply(to: try .sample(line)) else {
                Issue.record("\(line) was not refused")
                continue
            }
            #expect(response.status.code == 401, "\(line)")
        }
    }
}
