// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import Posix
import Synchronization
import Testing

@testable import BackupService

/// What the audit log is told.
struct AuditTests {
    private final class Trail: Sendable {
        private let entries = Mutex<[AuditEntry]>([])
        func add(_ entry: AuditEntry) { entries.withLock { $0.append(entry) } }
        var lines: [JSONValue] { entries.withLock { $0.map { $0.json(at: Timestamp(microseconds: 0)) } } }
    }

    private let trail = Trail()
    private let made = "58c1b0a3-2a5e-4b4c-8d1f-7c0b9f6d2e44"

    private func api(
        _ perform: @escaping @Sendable (APICall, Links) throws -> Answer = { _, _ in Answer(202) }
    ) -> BackupAPI {
        BackupAPI(
            authentication: .tokens { Tokens(full: "f", read: "r") }, audit: { [trail] in trail.add($0) },
            perform: perform)
    }

    private var line: JSONValue {
        get throws {
            #expect(trail.lines.count == 1)
            return try #require(trail.lines.first)
        }
    }

    @Test func `a change has who, what and what became of it`() throws {
        let made = made
        let api = api { _, _ in Answer(202, ["backup": ["id": .string(made), "volume_id": .string(volumeID)]]) }
        let peer = PeerCredentials(pid: 17, uid: 1000, gid: 100, groups: [100, 27])
        let request = try Request.sample("POST /v3/p/backups", #"{"backup": {"volume_id": "\#(volumeID)"}}"#)
            .from(.unix(peer))
        _ = api.respond(to: request)
        let line = try line
        #expect(line[key: "time"] == "1970-01-01T00:00:00")
        #expect(line[key: "request_id"] == .string(request.id))
        #expect(
            line[key: "principal"] == ["uid": 1000, "gid": 100, "pid": 17, "groups": [100, 27], "access": "full"])
        #expect(line[key: "operation"] == "createBackup")
        #expect(line[key: "volume_id"] == .string(volumeID))
        #expect(line[key: "backup_id"] == .string(made))
        #expect(line[key: "result"] == 202)
        #expect(line[key: "reason"] == .null)
        #expect(line[key: "request"] == "POST /v3/p/backups")
    }

    @Test(arguments: [
        ("DELETE /backups/\(backupID)", "", "deleteBackup", nil),
        ("POST /backups/\(backupID)/action", #"{"os-force_delete": null}"#, "actOnBackup", "os-force_delete"),
        (
            "POST /backups/\(backupID)/action", #"{"os-reset_status": {"status": "error"}}"#, "actOnBackup",
            "os-reset_status"
        ),
        ("POST /backups/\(backupID)/restore", #"{"restore": null}"#, "restoreBackup", nil),
        ("PUT /backups/\(backupID)", #"{"backup": {"name": "n"}}"#, "changeBackup", nil),
    ])
    func `what is done to a backup names it`(_ request: String, body: String, operation: String, action: String?) throws
    {
        _ = api().respond(to: try .sample(request, body).with("X-Auth-Token", "f"))
        let line = try line
        #expect(line[key: "backup_id"] == .string(backupID))
        #expect(line[key: "operation"] == .string(operation))
        #expect(line[key: "action"] == JSONValue(action))
        #expect(line[key: "principal"] == ["token": "full", "access": "full"])
        #expect(line[key: "address"] == "127.0.0.1:40312")
    }

    @Test func `the target of a restore is in it, the one asked for or the one made`() throws {
        let made = made
        let api = api { _, _ in Answer(202, ["restore": ["backup_id": "b", "volume_id": .string(made)]]) }
        for (body, volume) in [
            (#"{"restore": null}"#, made), (#"{"restore": {"volume_id": "\#(volumeID)"}}"#, volumeID),
        ] {
            _ = api.respond(to: try .sample("POST /backups/\(backupID)/restore", body).with("X-Auth-Token", "f"))
            #expect(trail.lines.last?[key: "volume_id"] == .string(volume))
        }
    }

    @Test(arguments: [
        ("GET /backups", "x", 401, "unauthorized"), ("GET /nothing", "", 401, "unauthorized"),
        ("DELETE /backups/\(backupID)", "r", 403, "forbidden"),
        ("DELETE /backups/\(backupID)", "", 401, "unauthorized"),
        ("POST /backups", "f", 400, "missing_body"), ("PATCH /backups", "f", 405, "method_not_allowed"),
    ])
    func `what was refused is in it, with the reason`(_ request: String, token: String, status: Int, reason: String)
        throws
    {
        _ = api().respond(to: try .sample(request).with("X-Auth-Token", token))
        let line = try line
        #expect(line[key: "result"] == JSONValue(status))
        #expect(line[key: "reason"] == .string(reason))
        #expect(line[key: "request"] == .string(request))
        if request.contains(backupID) { #expect(line[key: "backup_id"] == .string(backupID)) }
    }

    @Test func `a change that fails is in it`() throws {
        let api = api { _, _ in throw CatalogErrorSample.error }
        _ = api.respond(to: try .sample("DELETE /backups/\(backupID)").with("X-Auth-Token", "f"))
        #expect(try line[key: "result"] == 500)
    }

    @Test(arguments: [
        "GET /backups", "HEAD /backups", "GET /backups/\(backupID)?wait=1", "GET /healthz", "GET /nothing",
    ])
    func `who only looks is not in it`(_ request: String) throws {
        _ = api().respond(to: try .sample(request).with("X-Auth-Token", "r"))
        #expect(trail.lines.isEmpty)
    }

    @Test func `a stream that is refused is in it`() throws {
        _ = api().reply(to: try .sample("GET /events"))
        #expect(try line[key: "operation"] == "watchAll")
    }

    @Test func `a path is kept in part`() throws {
        _ = api().respond(to: try .sample("GET /" + String(repeating: "x", count: 5000)))
        #expect(try line.text.utf8.count < 1000)
    }
}

private enum CatalogErrorSample: Error { case error }
