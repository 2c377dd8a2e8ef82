// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// Who may do what: users and groups of the machine, tokens, and the audit log of it.
    struct AccessTests {
        private static let full = "4101"
        private static let read = "4102"
        private static let isPossible = isRoot && hasCommand("setpriv") && hasCommand("curl")

        /// One user in the group of the full socket, one in that of the read one, one in neither.
        @Test(.enabled(if: isPossible, "needs root, setpriv and curl"))
        func `users do what the sockets of their groups let them do, and the audit log has it`() throws {
            var settings = DaemonSettings()
            settings.listeners = [
                #"{address: "unix:ROOT/full.sock", group: "\#(Self.full)"}"#,
                #"{address: "unix:ROOT/read.sock", access: read, group: "\#(Self.read)"}"#,
                #"{address: "unix:ROOT/all.sock", access: read, mode: 0666}"#,
            ]
            let daemon = try DaemonFixture(settings)
            try Shell.run("chmod", "755", daemon.root.path)
            let volume = try daemon.register(.noise(1 << 20), name: "disk")
            let audited = try daemon.audited(atLeast: 1).count

            let body = DaemonFixture.backupRequest(of: volume).text
            func asUser(_ uid: String, groups: String, _ socket: String, _ arguments: String...) throws -> String {
                try Shell.run(
                    "setpriv",
                    ["--reuid", uid, "--regid", uid, "--groups", groups, "curl", "-s", "--max-time", "20", "-w"]
                        + [" %{http_code}", "--unix-socket", daemon.root.path("\(socket).sock")] + arguments)
            }
            func backUp(_ uid: String, groups: String, _ socket: String) throws -> String {
                try asUser(uid, groups: groups, socket, "http://localhost/backups", "-d", body)
            }
            func look(_ uid: String, groups: String, _ socket: String) throws -> String {
                try asUser(uid, groups: groups, socket, "http://localhost/volumes")
            }

            // More of them than a first look has room for.
            let many = (5001...5040).map(String.init)
            let fullUser = ("4001", ([Self.full] + many).joined(separator: ",")), readUser = ("4002", Self.read),
                nobody = ("4003", "4103")
            #expect(try look(readUser.0, groups: readUser.1, "read").hasSuffix(" 200"))
            let refusal = try backUp(readUser.0, groups: readUser.1, "read")
            #expect(refusal.hasSuffix(" 403") && refusal.contains("needs full access"), "\(refusal)")
            // The kernel keeps who is not in the group out: curl exits with 7, could not connect.
            for (user, socket) in [
                (readUser, "full"), (readUser, "api"), (nobody, "full"), (nobody, "read"), (nobody, "api"),
            ] {
                let error = #expect(throws: Shell.Failure.self) { try look(user.0, groups: user.1, socket) }
                #expect(error?.status == 7, "\(String(describing: error))")
            }
            #expect(try look(nobody.0, groups: nobody.1, "all").hasSuffix(" 200"))
            #expect(try backUp(nobody.0, groups: nobody.1, "all").hasSuffix(" 403"))
            #expect(try look(fullUser.0, groups: fullUser.1, "full").hasSuffix(" 200"))
            let made = try backUp(fullUser.0, groups: fullUser.1, "full")
            #expect(made.hasSuffix(" 202"), "\(made)")
            let backup = try DaemonFixture.id(
                #require(try JSONValue(parsing: Array(made.dropLast(4).utf8))[key: "backup"]))

            let lines = try daemon.audited(atLeast: audited + 3).dropFirst(audited)
            #expect(lines.map { $0.integer("result") } == [403, 403, 202])
            let principals = lines.map { $0[key: "principal"] ?? .null }
            #expect(principals.map { $0.integer("uid") } == [4002, 4003, 4001])
            #expect(
                principals.map { $0[key: "groups"] } == [
                    [4102], [4103], .array(([Self.full] + many).compactMap { Int($0) }.map { JSONValue($0) }),
                ])
            #expect(principals.map { $0.text("access") } == ["read", "read", "full"])
            #expect(principals.allSatisfy { ($0.integer("pid") ?? 0) > 0 })
            #expect(lines.allSatisfy { $0.text("operation") == "createBackup" })
            #expect(lines.last?.text("backup_id") == backup)
            #expect(lines.last?.text("volume_id") == volume)
        }

        @Test(.enabled(if: isPossible, "needs root, setpriv and curl"))
        func `under one Idempotency-Key two users have a backup each`() throws {
            var settings = DaemonSettings()
            settings.listeners = [#"{address: "unix:ROOT/all.sock", mode: 0666}"#]
            let daemon = try DaemonFixture(settings)
            try Shell.run("chmod", "755", daemon.root.path)
            func make(_ uid: String) throws -> String {
                try Shell.run(
                    "setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "curl", "-s", "--unix-socket",
                    daemon.root.path("all.sock"), "http://localhost/volumes", "-H", "Idempotency-Key: nightly", "-d",
                    #"{"volume": {"size": 1}}"#)
            }
            let first = try make("4001")
            #expect(try make("4001") == first)
            #expect(try make("4002") != first)
            #expect(try daemon.list("/volumes").count == 2)
        }

        @Test func `tokens are for reading or for everything, and rotated while the daemon runs`() throws {
            var settings = DaemonSettings()
            settings.tcpPort = 0
            let daemon = try DaemonFixture(settings)
            let full = try daemon.token("token")
            let read = try daemon.token("token.read")
            let volume = try daemon.register(.noise(1 << 20), name: "disk")
            let change = "/volumes/\(volume)"
            #expect(try daemon.status("GET", change, read) == 200)
            #expect(try daemon.status("PUT", change, read) == 403)
            #expect(try daemon.status("PUT", change, full) == 200)
            #expect(try daemon.status("GET", change, "x") == 401)

            let rotation = try daemon.run("token", "rotate", "--config", daemon.root.path("cinderblock.yaml"))
            #expect(rotation == .exited(0))
            let newFull = try daemon.token("token")
            #expect(newFull != full)
            #expect(try daemon.token("token.read") == read)
            #expect(try daemon.status("GET", change, full) == 200, "the daemon has not been told yet")
            daemon.hangUp()
            #expect(try eventually { try daemon.status("GET", change, newFull) == 200 })
            #expect(try daemon.status("GET", change, full) == 401)

            #expect(
                try daemon.run("token", "rotate", "read", "--config", daemon.root.path("cinderblock.yaml"))
                    == .exited(0))
            daemon.hangUp()
            let newRead = try daemon.token("token.read")
            #expect(try eventually { try daemon.status("GET", change, newRead) == 200 })
            #expect(try daemon.status("GET", change, read) == 401)
            #expect(try daemon.status("PUT", change, newRead) == 403)

            // A bad one is told, and the one before it goes on.
            try "short".write(toFile: daemon.root.path("state/token"), atomically: false, encoding: .utf8)
            daemon.hangUp()
            #expect(eventually { daemon.log.contains("A token is refused") })
            #expect(try daemon.status("GET", change, newFull) == 200)
        }

        @Test(arguments: [("0644", "chmod 600"), ("0600", "at least 32")])
        func `the daemon does not start with a token that others know or guess`(mode: String, reason: String) throws {
            let daemon = try DaemonFixture()
            daemon.stop()
            let token = mode == "0600" ? "short" : String(repeating: "a", count: 64)
            try token.write(toFile: daemon.root.path("state/token"), atomically: false, encoding: .utf8)
            try Shell.run("chmod", mode, daemon.root.path("state/token"))
            #expect(try daemon.spawn().waitForEnd() == .exited(1))
            #expect(daemon.log.contains(reason), "\(daemon.log.suffix(500))")
        }

        @Test(arguments: [
            ["--check-config"], ["--print-config"], ["--version"], ["--help"], ["token", "--help"],
        ])
        func `the command line is what it was`(_ arguments: [String]) throws {
            let daemon = try DaemonFixture()
            let configured = ["--config", daemon.root.path("cinderblock.yaml")]
            let all = arguments.first?.hasSuffix("config") == true ? configured + arguments : arguments
            #expect(try daemon.run(all) == .exited(0))
        }

        @Test func `a page from elsewhere changes nothing, and the daemon's own goes on`() throws {
            var settings = DaemonSettings()
            settings.tcpPort = 0
            settings.auth = "none"
            let daemon = try DaemonFixture(settings)
            let port = try daemon.tcpPort()
            let body = #"{"volume": {"size": 1}}"#
            func ask(_ host: String, _ origin: String, _ site: String) throws -> Int {
                let client = try RawHTTPClient(.tcp(host: "127.0.0.1", port: port))
                try client.send(
                    "POST /volumes HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\nSec-Fetch-Site: \(site)\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                return try client.receive().status
            }
            let own = "127.0.0.1:\(port)"
            #expect(try ask(own, "http://\(own)", "same-origin") == 202)
            #expect(try ask("localhost:\(port)", "http://localhost:\(port)", "same-origin") == 202)
            #expect(try ask(own, "http://evil.example", "cross-site") == 403)
            #expect(try ask(own, "null", "cross-site") == 403)
            #expect(try ask("evil.example:\(port)", "http://evil.example:\(port)", "same-origin") == 421)
            #expect(try daemon.list("/volumes").count == 2)
        }

        @Test func `the audit log is reopened, and nobody makes a volume of it`() throws {
            let daemon = try DaemonFixture()
            let first = daemon.root.path("audit.jsonl")
            _ = try daemon.register(.noise(1 << 20), name: "disk")
            #expect(try daemon.audited(atLeast: 1).count == 1)
            try FileManager.default.moveItem(atPath: first, toPath: first + ".1")
            daemon.hangUp()
            #expect(eventually { daemon.log.contains("Reopening the progress log and the audit log") })
            let isThere = try eventually {
                _ = try daemon.request("PATCH", "/volumes")
                return FileManager.default.fileExists(atPath: first)
            }
            #expect(isThere)
            #expect(try daemon.audited(atLeast: 1).allSatisfy { $0.integer("result") == 405 })
        }

        @Test func `a backup that is to be kept is kept`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1 << 20), name: "disk")
            let id = try daemon.backUp(volume)
            #expect(try daemon.backup(id)[key: "protected"] == false)
            let path = "/backups/\(id)"
            let change = try daemon.request("PUT", path, ["backup": ["protected": true]])
            #expect(change.json[key: "backup"]?[key: "protected"] == true, "\(change)")
            let force: JSONValue = ["os-force_delete": .null]
            for answer in [try daemon.delete(id), try daemon.request("POST", path + "/action", force)] {
                #expect(answer.status == 400 && answer.reason == "protected", "\(answer)")
            }
            #expect(try daemon.request("PUT", path, ["backup": ["protected": false]]).status == 200)
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)

            daemon.settings.minimumAge = 86400
            try daemon.restart()
            let young = try daemon.backUp(volume)
            let refusal = try daemon.delete(young)
            #expect(refusal.status == 400 && refusal.reason == "protected", "\(refusal)")
            #expect(refusal.message?.contains("until 20") == true, "\(refusal)")
            #expect(try daemon.reset(young, to: "error").reason == "protected")
        }
    }
}

extension DaemonFixture {
    /// The audit log, line by line, as soon as it has this many.
    fileprivate func audited(atLeast count: Int = 0) throws -> [JSONValue] {
        var lines: [JSONValue] = []
        _ = try eventually {
            let data = FileManager.default.contents(atPath: root.path("audit.jsonl")) ?? Data()
            lines = try data.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: [UInt8]($0)) }
            return lines.count >= count
        }
        return lines
    }

    fileprivate func token(_ name: String) throws -> String {
        try String(contentsOfFile: root.path("state/\(name)"), encoding: .utf8).filter { !$0.isWhitespace }
    }

    /// The status of an answer to who shows this token.
    fileprivate func status(_ method: String, _ target: String, _ token: String) throws -> Int {
        let body: JSONValue = ["volume": ["name": "n"]]
        return try RawHTTPClient(.tcp(host: "127.0.0.1", port: tcpPort())).request(
            method, target, headers: [("X-Auth-Token", token)], body: method == "PUT" ? body.utf8 : []
        ).status
    }

    /// Another run of the binary.
    fileprivate func run(_ arguments: String...) throws -> DaemonProcess.End? { try run(arguments) }

    fileprivate func run(_ arguments: [String]) throws -> DaemonProcess.End? {
        try DaemonProcess(arguments, log: root.path("other.log")).waitForEnd()
    }
}
