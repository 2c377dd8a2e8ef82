// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes
import Posix
import Synchronization
import Testing

@testable import BackupService

/// Who is let in by whom they are, where they come, and what their browser tells of them.
struct GateTests {
    private static let change = #"{"backup": {"name": "n"}}"#

    private func rules(
        listen: [Configuration.Listener] = ["127.0.0.1:8776"], hosts: [String] = [], origins: [String] = []
    ) -> AccessRules {
        var configuration = Configuration()
        configuration.listen = listen
        configuration.api.allowedHosts = hosts
        configuration.api.allowedOrigins = origins
        return AccessRules(configuration)
    }

    private func api(_ authentication: Authentication = .none, _ rules: AccessRules = AccessRules()) -> BackupAPI {
        BackupAPI(authentication: authentication, rules: rules) { _, _ in Answer(202) }
    }

    private func answer(_ api: BackupAPI, _ request: Request) -> String {
        let response = api.respond(to: request)
        return "\(response.status.code)" + (response.reason.map { " \($0)" } ?? "")
    }

    private func put(host: String? = "127.0.0.1:8776") throws -> Request {
        try .sample("PUT /backups/\(backupID)", Self.change, authority: host).arriving(at: "127.0.0.1")
    }

    // MARK: - Browsers

    @Test(arguments: [
        ("http://127.0.0.1:8776", true), ("HTTP://127.0.0.1:8776", true), ("https://127.0.0.1:8776", true),
        ("https://backups.example.org", true), ("https://BACKUPS.example.org:443", true),
        ("http://backups.example.org", false), ("https://backups.example.org:8443", false),
        ("http://127.0.0.1", false), ("http://127.0.0.1:80", false), ("http://localhost:8776", false),
        ("http://evil.example", false), ("http://127.0.0.1:8776.evil.example", false),
        ("http://evil.example:8776", false), ("http://127.0.0.1:8776@evil.example", false), ("null", false),
        ("", false), ("file://", false), ("http://127.0.0.1:8776/", false),
        ("http://127.0.0.1:8776, http://evil.example", false), ("http://127.0.0.1:8776 http://evil.example", false),
        ("chrome-extension://abc", false), ("http://127.0.0.1:99999", false),
    ])
    func `a page changes something when it is the daemon's own, or allowed`(_ origin: String, isOwn: Bool) throws {
        let api = api(.none, rules(origins: ["https://backups.example.org"]))
        let expected = isOwn ? "202" : "403 foreign_origin"
        #expect(answer(api, try put().with("Origin", origin)) == expected, "\(origin)")
        // On a socket, behind a proxy that passes the name on, it is the same.
        #expect(answer(api, try put().with("Origin", origin).from(.unixSample)) == expected, "\(origin)")
        // What changes nothing is nobody's danger: without CORS a foreign page does not see the answer.
        let request = try Request.sample("GET /backups").arriving(at: "127.0.0.1")
        #expect(answer(api, request.with("Origin", origin)) == "202")
    }

    @Test(arguments: [
        ("http://backups", "backups", true), ("http://backups", "backups:80", true),
        ("https://backups", "backups", true),
        ("https://backups", "backups:443", true), ("https://backups", "backups:80", false),
        ("http://[::1]:8776", "[::1]:8776", true), ("http://[::1]:8776", "[::2]:8776", false),
        ("http://backups", "", false),
    ])
    func `a port that is usual need not be said`(_ origin: String, host: String, isOwn: Bool) throws {
        let request = try put(host: host).with("Origin", origin).from(.unixSample)
        #expect(answer(api(), request) == (isOwn ? "202" : "403 foreign_origin"))
    }

    @Test(arguments: [
        ("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false), ("Cross-Site", false),
        ("none, cross-site", false),
    ])
    func `what the browser says of the site counts, too`(_ site: String, isOwn: Bool) throws {
        let expected = isOwn ? "202" : "403 foreign_origin"
        #expect(answer(api(), try put().with("Sec-Fetch-Site", site)) == expected)
        let own = try put().with("Sec-Fetch-Site", site).with("Origin", "http://127.0.0.1:8776")
        #expect(answer(api(), own) == expected)
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "QUERY"])
    func `also with a token, by every method that may change something`(_ method: String) throws {
        let request = try Request.sample("\(method) /backups/\(backupID)", Self.change).with("X-Auth-Token", "t")
        #expect(answer(api(.token("t")), request.with("Origin", "http://evil.example")) == "403 foreign_origin")
        #expect(answer(api(.token("t")), request) != "403 foreign_origin")
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:9000", true), ("127.0.0.1", true), ("127.0.0.1:1", true),
        ("backup-host:8776", true), ("Backup-Host", true), (nil, true), ("", true), ("evil.example", false),
        ("localhost.evil.example", false), ("127.0.0.2:8776", false), ("[::1]:8776", false), ("localhost.", false),
        ("a:b", false),
    ])
    func `without a token the daemon answers to its names only`(_ host: String?, isKnown: Bool) throws {
        let open = api(.none, rules(hosts: ["backup-host"]))
        let expected = isKnown ? "202" : "421 wrong_host"
        for line in ["GET /backups", "GET /healthz", "DELETE /backups/\(backupID)"] {
            let request = try Request.sample(line, authority: host).arriving(at: "127.0.0.1")
            #expect(answer(open, request) == expected, "\(line) at \(host ?? "nothing")")
            #expect(answer(open, request.from(.unixSample)) == "202")
            #expect(answer(api(.token("t")), request.with("X-Auth-Token", "t")) == "202")
        }
    }

    @Test func `nor does it give its page to another name`() throws {
        let request = try Request.sample("GET /", authority: "evil.example").with("Accept", "text/html")
        #expect(answer(api(), request) == "421 wrong_host")
        #expect(answer(api(), try .sample("GET /", authority: "localhost").with("Accept", "text/html")) == "200")
    }

    // MARK: - Rights

    private let tokens = Authentication.tokens { Tokens(full: "f", read: "r") }

    @Test(arguments: [
        ("f", "202", "202"), ("r", "202", "403 forbidden"), ("x", "401 unauthorized", "401 unauthorized"),
        ("r:f", "202", "403 forbidden"),
    ])
    func `a token gives what it is for`(_ token: String, reading: String, changing: String) throws {
        let api = api(tokens)
        #expect(answer(api, try .sample("GET /backups").with("X-Auth-Token", token)) == reading)
        #expect(answer(api, try put().with("Authorization", "Bearer \(token)")) == changing)
    }

    @Test func `of two tokens the better one counts`() throws {
        #expect(answer(api(tokens), try put().with("X-Auth-Token", "r").with("Authorization", "Bearer f")) == "202")
    }

    @Test func `nobody gets more than the listener gives`() throws {
        var second: Configuration.Listener = "unix:/r.sock"
        second.access = .read
        let rules = rules(listen: ["unix:/f.sock", second])
        let request = try put().from(.unixSample)
        #expect(answer(api(.none, rules), request.arriving(by: 0)) == "202")
        #expect(answer(api(.none, rules), request.arriving(by: 1)) == "403 forbidden")
        #expect(answer(api(tokens, rules), try put().with("X-Auth-Token", "f").arriving(by: 1)) == "403 forbidden")
        #expect(answer(api(.none, rules), try .sample("GET /backups").from(.unixSample).arriving(by: 1)) == "202")
        // One that nobody has configured gives nothing.
        #expect(answer(api(.none, rules), request.arriving(by: 2)) == "401 unauthorized")
    }

    @Test func `a refusal says what would be needed`() throws {
        let response = api(tokens).respond(to: try put().with("X-Auth-Token", "r"))
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.contains("changeBackup needs full access"), "\(text)")
        #expect(text.contains("the read token"), "\(text)")
        #expect(response.headers[.wwwAuthenticate] == nil)
    }

    @Test func `what changes nothing needs no more than reading, and everything else needs all`() {
        for operation in Operation.all {
            #expect(operation.method == .get ? operation.access < .full : operation.access == .full, "\(operation.id)")
        }
        let open = Operation.all.filter { $0.access == .nothing }.map(\.id)
        #expect(open == ["showVersions", "describeAPI", "checkHealth", "checkReadiness"])
    }

    @Test func `the description says what is needed`() {
        let paths = APIDescription.json[key: "paths"]
        #expect(paths?[key: "/backups"]?[key: "post"]?[key: "x-access"] == "full")
        #expect(paths?[key: "/metrics"]?[key: "get"]?[key: "x-access"] == "read")
        #expect(paths?[key: "/healthz"]?[key: "get"]?[key: "x-access"] == "nothing")
    }

    @Test func `a token that has been replaced counts no more`() throws {
        let inForce = Mutex(Tokens(full: "old"))
        let api = BackupAPI(authentication: .tokens { inForce.withLock { $0 } }) { _, _ in Answer(202) }
        let request = try put().with("X-Auth-Token", "old")
        #expect(answer(api, request) == "202")
        inForce.withLock { $0.full = "new" }
        #expect(answer(api, request) == "401 unauthorized")
        #expect(answer(api, try put().with("X-Auth-Token", "new")) == "202")
    }

    // MARK: - Receipts

    @Test func `under one key everybody has receipts of his own`() throws {
        let owners = Mutex<[String]>([])
        let api = BackupAPI(
            authentication: tokens,
            performOnce: { _, _, receipt in
                owners.withLock { $0.append(receipt.owner) }
                return Answer(202)
            }, perform: { _, _ in Answer(500) })
        let body = "{\"backup\": {\"volume_id\": \"\(volumeID)\"}}"
        let request = try Request.sample("POST /backups", body).with("Idempotency-Key", "k")
        #expect(answer(api, request.with("X-Auth-Token", "f")) == "202")
        for (uid, pid) in [(1000, 1), (1001, 2), (1000, 3)] {
            let peer = PeerCredentials(pid: UInt32(pid), uid: UInt32(uid), gid: 1)
            #expect(answer(api, request.from(.unix(peer))) == "202")
        }
        #expect(owners.withLock { $0 } == ["token:full", "uid:1000", "uid:1001", "uid:1000"])
    }
}

extension Request {
    fileprivate func arriving(at host: String) -> Request {
        var request = self
        request.arrival.host = host
        return request
    }

    fileprivate func arriving(by listener: Int) -> Request {
        var request = self
        request.arrival.listener = listener
        return request
    }
}
