// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// One Idempotency-Key, one piece of work: whatever the client, the network and the power do.
    struct IdempotencyTests {
        @Test func `a hundred requests at once with one key make one backup`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            try sendAtOnce("/backups", DaemonFixture.backupRequest(of: volume, name: "once"), to: daemon)
        }

        /// Nothing but the key keeps the daemon from making a hundred of these.
        @Test func `a hundred requests at once with one key make one volume`() throws {
            try sendAtOnce("/volumes", ["volume": ["size": 1, "name": "once"]], to: DaemonFixture())
        }

        private func sendAtOnce(_ path: String, _ body: JSONValue, to daemon: DaemonFixture) throws {
            let clients = try (0..<100).map { _ in try daemon.client() }
            for client in clients { try client.send(daemon.bytes("POST", path, body, key: "parallel")) }
            let answers = try clients.map { try DaemonAnswer($0.receive()) }

            let made = answers.filter { $0.status == 202 }
            #expect(!made.isEmpty)
            #expect(Set(made.map(\.json.text)).count == 1)
            for answer in answers where answer.status != 202 {
                #expect(answer.status == 409, "\(answer)")
                #expect(answer.reason == "key_in_progress", "\(answer)")
                #expect(answer["Retry-After"] == "1")
            }
            #expect(try daemon.list("\(path)?name=once").count == 1)
            let again = try daemon.post(path, body, key: "parallel")
            #expect(again.status == 202)
            #expect(again.json == made.first?.json)
            #expect(again["Location"] == made.first?["Location"])
        }

        @Test func `every POST has the same answer again, also after a restart and kill -9`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            // Stays: a repository without any backup is taken for one that is not mounted.
            _ = try daemon.backUp(try daemon.register(.noise(1000), name: "third"))
            let id = try daemon.backUp(volume)
            let record = try daemon.request("GET", "/backups/\(id)/export_record").json
            try VolumeImage.noise(5000, seed: 2).write(to: daemon.imagePath("other"))
            let requests: [(String, JSONValue)] = [
                ("/backups", DaemonFixture.backupRequest(of: volume, incremental: true, name: "n")),
                ("/manageable_volumes", ["volume": ["ref": ["source-name": .string(daemon.imagePath("other"))]]]),
                ("/volumes", ["volume": ["size": 1, "name": "empty"]]),
                ("/backups/\(id)/restore", ["restore": nil]),
                ("/volumes/\(volume)/action", ["os-reset_status": ["status": "available"]]),
            ]
            var answers: [DaemonAnswer] = []
            for (index, request) in requests.enumerated() {
                let answer = try daemon.post(request.0, request.1, key: "key-\(index)")
                #expect(answer.status == 202, "\(request.0): \(answer)")
                answers.append(answer)
                // What the next request needs has come to rest.
                _ = try eventually { try daemon.isIdle }
            }
            _ = try daemon.delete(id)
            let increment = try #require(answers[0].json[key: "backup"]?.text("id"))
            _ = try daemon.delete(increment)
            try daemon.waitUntilGone(increment)
            _ = try daemon.delete(id)
            try daemon.waitUntilGone(id)
            let imported = try daemon.post("/backups/import_record", record, key: "import")
            #expect(imported.status == 201, "\(imported)")

            func expectTheSame(_ name: Comment) throws {
                for (index, request) in requests.enumerated() {
                    let again = try daemon.post(request.0, request.1, key: "key-\(index)")
                    #expect(again.status == 202, name)
                    #expect(again.json == answers[index].json, name)
                    #expect(again["Location"] == answers[index]["Location"], name)
                }
                let again = try daemon.post("/backups/import_record", record, key: "import")
                #expect(again.status == 201, name)
                #expect(again.json == imported.json, name)
                #expect(again["Location"] == imported["Location"], name)
            }
            let before = try daemon.everything
            try expectTheSame("in the same run")
            try daemon.restart()
            try expectTheSame("after a restart")
            daemon.kill()
            try daemon.start()
            try expectTheSame("after kill -9")
            #expect(try daemon.everything == before)
        }

        @Test func `another body or path under the same key is refused, and changes nothing`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let body = DaemonFixture.backupRequest(of: volume, name: "one")
            let made = try daemon.post("/backups", body, key: "k")
            let before = try daemon.everything
            for (path, body) in [
                ("/backups", DaemonFixture.backupRequest(of: volume, name: "two")), ("/v3/backups", body),
                ("/volumes", ["volume": ["size": 1]]),
            ] {
                let answer = try daemon.post(path, body, key: "k")
                #expect(answer.status == 422)
                #expect(answer.reason == "key_reused")
            }
            #expect(try daemon.everything == before)
            #expect(try daemon.post("/backups", body, key: "k").json == made.json)
        }

        @Test func `what was refused may succeed later under the same key`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let body = DaemonFixture.backupRequest(of: volume, incremental: true)
            let refused = try daemon.post("/backups", body, key: "k")
            #expect(refused.status == 400)
            #expect(refused.reason == "no_parent")
            _ = try daemon.backUp(volume)
            #expect(try daemon.post("/backups", body, key: "k").status == 202)
        }

        private static let rounds = isSoak ? 200 : 8

        /// The daemon is killed at any moment of a request; the client sends it again, and has one backup.
        @Test func `kill -9 at any moment does not make a second backup`() throws {
            let seed = SeededGenerator.seed()
            var generator = SeededGenerator(seed: seed)
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(10_000), name: "disk")
            for round in 0..<Self.rounds {
                let comment: Comment = "round \(round), seed \(seed)"
                let name = "round-\(round)"
                let body = DaemonFixture.backupRequest(of: volume, name: name)
                let client = try daemon.client()
                try client.send(daemon.bytes("POST", "/backups", body, key: name))
                if round.isMultiple(of: 2) {
                    // The work is done, and the answer is just about to be kept, or was.
                    let isThere = try eventually { try !daemon.list("/backups?name=\(name)").isEmpty }
                    #expect(isThere, comment)
                } else {
                    for _ in 0..<Int.random(in: 0...3, using: &generator) { _ = try daemon.request("GET", "/healthz") }
                }
                daemon.kill()
                try daemon.start()

                let retried = try daemon.post("/backups", body, key: name)
                #expect(retried.status == 202, "\(comment): \(retried)")
                let id = try #require(retried.json[key: "backup"]?.text("id"))
                #expect(retried["Location"] == "/v3/backups/\(id)", comment)
                #expect(try daemon.post("/backups", body, key: name).json == retried.json, comment)
                #expect(try daemon.list("/backups?name=\(name)").map { $0.text("id") } == [id], comment)
                let isSettled = try eventually(within: DaemonFixture.patience) {
                    try daemon.status(of: id) != "creating"
                }
                #expect(isSettled, comment)
            }
        }
    }
}

extension DaemonFixture {
    fileprivate func post(_ target: String, _ body: JSONValue, key: String) throws -> DaemonAnswer {
        let client = try client()
        try client.send(bytes("POST", target, body, key: key))
        return try DaemonAnswer(client.receive())
    }

    fileprivate func bytes(_ method: String, _ target: String, _ body: JSONValue, key: String) -> [UInt8] {
        let body = body.utf8
        let head = """
            \(method) \(target) HTTP/1.1\r
            Host: test\r
            Content-Type: application/json\r
            Idempotency-Key: \(key)\r
            Content-Length: \(body.count)\r
            \r\n
            """
        return Array(head.utf8) + body
    }

    fileprivate var isIdle: Bool {
        get throws {
            try list("/backups/detail").allSatisfy { $0.text("status") == "available" }
                && list("/volumes/detail").allSatisfy { $0.text("status") == "available" }
        }
    }

    /// The ids of all backups and volumes.
    fileprivate var everything: Set<String> {
        get throws { Set(try (list("/backups") + list("/volumes")).compactMap { $0.text("id") }) }
    }
}
