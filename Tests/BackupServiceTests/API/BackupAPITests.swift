// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes
import Synchronization
import Testing

@testable import BackupService

struct BackupAPITests {
    private let open = BackupAPI(authentication: .none) { _, links in .versions(links) }

    private func failing(_ error: any Error & Sendable) -> BackupAPI {
        BackupAPI(authentication: .none) { _, _ in throw error }
    }

    @Test(arguments: ["/", "/v3", "/v3/"])
    func `versions are discovered without a token`(path: String) throws {
        let api = BackupAPI(authentication: .token("t")) { call, links in
            #expect(call == .showVersions)
            return .versions(links)
        }
        let response = api.respond(to: try .sample("GET \(path)").with("OpenStack-API-Version", "volume 9.9"))
        #expect(response.status.code == 200)
        guard case .array(let versions)? = try response.json[key: "versions"] else {
            Issue.record("no versions")
            return
        }
        #expect(versions.first?[key: "version"] == "3.71")
        #expect(versions.first?.text.contains("\"http://127.0.0.1:8776/v3/\"") == true)
    }

    @Test func `links are paths where no address is known`() throws {
        let requests = [
            try Request.sample("GET /", authority: nil), try .sample("GET /", authority: ""),
            try .sample("GET /", authority: "localhost").from(.unixSample),
        ]
        for request in requests {
            #expect(String(decoding: open.respond(to: request).body, as: UTF8.self).contains("\"href\": \"/v3/\""))
        }
    }

    @Test(arguments: ["/backups", "/v3/backups", "/nothing", "/backups/name", "/os-services", "/metrics"])
    func `nothing else is told without a token`(path: String) throws {
        let api = BackupAPI(authentication: .token("t")) { _, _ in
            Issue.record("performed")
            return Answer(200)
        }
        let response = api.respond(to: try .sample("GET \(path)"))
        #expect(response.status.code == 401)
        #expect(response.headers[.wwwAuthenticate] == "Bearer realm=\"cinderblock\"")
        #expect(try response.json[key: "unauthorized"]?[key: "code"] == 401)
    }

    @Test func `every answer says what and which it is`() throws {
        for line in ["GET /", "GET /nothing", "PATCH /backups", "GET /backups?limit=x"] {
            let request = try Request.sample(line)
            let response = open.respond(to: request)
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.headers.value(of: "OpenStack-API-Version") == "volume 3.0")
            let newer = open.respond(to: request.with("OpenStack-API-Version", "volume 3.64"))
            #expect(newer.headers.value(of: "OpenStack-API-Version") == "volume 3.64")
            #expect(response.headers[.vary]?.hasPrefix("OpenStack-API-Version") == true)
            #expect(!response.status.reasonPhrase.isEmpty)
            #expect(response.headers.value(of: "x-openstack-request-id") == request.id)
            #expect(response.body.last == UInt8(ascii: "\n"))
        }
    }

    @Test func `an answer without content has no type`() throws {
        let api = BackupAPI(authentication: .none) { _, _ in Answer(202) }
        let response = api.respond(to: try .sample("DELETE /backups/\(backupID)"))
        #expect(response.status.code == 202)
        #expect(response.body.isEmpty)
        #expect(response.headers[.contentType] == nil)
    }

    @Test func `the readiness check tells that it fails, and the log why`() throws {
        let logged = Mutex<[String]>([])
        let api = BackupAPI(
            authentication: .token("t"), logFailure: { error, _ in logged.withLock { $0.append("\(error)") } },
            perform: { _, _ in throw ReadinessError.catalog(reason: "disk on fire") })
        let response = api.respond(to: try .sample("GET /readyz"))
        #expect(response.status.code == 503)
        #expect(response.reason == "not_ready")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("fire"))
        #expect(logged.withLock { $0.count } == 1)
        #expect(logged.withLock { $0.first?.contains("disk on fire") } == true)
    }

    @Test func `errors of the service are answers`() throws {
        let response = failing(CatalogError.backupNotFound(try id(backupID)))
            .respond(to: try .sample("GET /backups/\(backupID)"))
        #expect(response.status.code == 404)
        #expect(
            try response.json
                == [
                    "itemNotFound": [
                        "code": 404, "message": .string("Backup \(backupID) could not be found."),
                        "reason": "backup_not_found",
                    ]
                ])
    }

    @Test func `a client's mistake is not logged as a failure`() throws {
        let api = BackupAPI(authentication: .none, logFailure: { error, _ in Issue.record("\(error)") }) { _, _ in
            Answer(200)
        }
        #expect(api.respond(to: try .sample("POST /backups", "{")).status.code == 400)
    }

    @Test func `refusals have the same shape`() throws {
        let response = BackupAPI(authentication: .none) { _, _ in Answer(200) }.refuse(.malformedHost)
        #expect(response.status.code == 400)
        #expect(response.headers[.contentType] == "application/json")
        #expect(try response.json[key: "badRequest"]?[key: "reason"] == "malformed_request")
        #expect(response.headers.value(of: "x-openstack-request-id")?.hasPrefix("req-") == true)
    }

    @Test func `what the daemon can do at all is told to everybody`() throws {
        let api = BackupAPI(authentication: .token("t")) { _, _ in
            Issue.record("performed")
            return Answer(200)
        }
        let response = api.respond(to: try .sample("OPTIONS *"))
        #expect(response.status == .noContent && response.body.isEmpty)
        #expect(response.headers[.allow] == "DELETE, GET, HEAD, OPTIONS, POST, PUT")
        #expect(response.headers[.contentType] == nil)
        for line in ["OPTIONS /", "OPTIONS /healthz"] {
            #expect(api.respond(to: try .sample(line)).status == .methodNotAllowed, "\(line)")
        }
    }

    @Test(arguments: ["gzip", "identity", "zstd, br", ""])
    func `a body that is encoded is refused, whatever it is for`(coding: String) throws {
        for (line, body) in [("POST /volumes", "{}"), ("GET /healthz", ""), ("DELETE /backups/\(backupID)", "x")] {
            let response = open.respond(to: try .sample(line, body).with("Content-Encoding", coding))
            #expect(response.status.code == 415 && response.reason == "unsupported_content_encoding", "\(line)")
            #expect(response.headers[.acceptEncoding] == "identity", "\(line)")
        }
    }

    @Test(arguments: ["get", "Get", "post", "GETS", "BREW"])
    func `a method is named as it was sent`(method: String) throws {
        let response = open.respond(to: try .sample("\(method) /backups"))
        #expect(response.status == .methodNotAllowed)
        #expect(
            try response.json[key: "badMethod"]?[key: "message"]
                == .string("The method \(method) is not possible here, only GET, HEAD, POST are."))
    }
}
