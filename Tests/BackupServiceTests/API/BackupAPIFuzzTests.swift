// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import BackupService

struct BackupAPIFuzzTests {
    private let api = BackupAPI(authentication: .none) { _, _ in Answer(202) }

    private static let lines =
        RequestsBodyTests.clientRequests.map(\.0) + [
            "GET /backups/detail?limit=2&offset=1&sort=created_at%3Adesc&name~=x&with_count=1",
            "PUT /volumes/\(volumeID)",
            "DELETE /volumes/\(volumeID)?cascade=False&force=False", "GET /v3/p/volumes/detail?marker=\(volumeID)",
            "GET /backups/\(backupID)/export_record",
        ]

    @Test func `5000 mutated bodies never get a 5xx`() throws {
        let seed = SeededGenerator.seed()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<5000 {
            guard let (line, body) = RequestsBodyTests.clientRequests.randomElement(using: &generator) else { continue }
            var request = try Request.sample(line)
            request.body = mutated(Array(body.utf8), using: &generator)
            expectNoFault(of: request, "seed \(seed), round \(round)")
        }
    }

    @Test func `5000 random values never get a 5xx`() throws {
        let seed = SeededGenerator.seed()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<5000 {
            guard let (line, body) = RequestsBodyTests.clientRequests.randomElement(using: &generator) else { continue }
            var request = try Request.sample(line)
            request.body = Self.scrambled(try JSONValue(parsing: Array(body.utf8)), using: &generator).utf8
            expectNoFault(of: request, "seed \(seed), round \(round)")
        }
    }

    @Test func `5000 mutated targets and versions never get a 5xx`() throws {
        let seed = SeededGenerator.seed()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<5000 {
            guard let line = Self.lines.randomElement(using: &generator) else { continue }
            let parts = line.split(separator: " ")
            let target = String(decoding: mutated(Array(parts[1].utf8), using: &generator), as: UTF8.self)
            let version = String(decoding: mutated(Array("volume 3.71".utf8), using: &generator), as: UTF8.self)
            let request = try Request.sample("\(parts[0]) \(target)").with("OpenStack-API-Version", version)
            expectNoFault(of: request, "seed \(seed), round \(round)")
        }
    }

    private func expectNoFault(of request: Request, _ comment: Comment) {
        let response = api.respond(to: request)
        guard response.status.code >= 400 else { return }
        #expect(response.status.code < 500, comment)
        #expect(response.reason != nil, comment)
    }

    private func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, index + Int.random(in: 0...8, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.removeSubrange(index..<end)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            case 2: bytes.insert(contentsOf: bytes[index..<end], at: index)
            case 3: bytes.insert(contentsOf: "{}[]\",:\\u0-%".utf8.shuffled(using: &generator).prefix(2), at: index)
            default: if index < bytes.count { bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            }
        }
        return bytes
    }

    /// The value with some of what it holds replaced by something else.
    static func scrambled(_ value: JSONValue, using generator: inout SeededGenerator) -> JSONValue {
        if Int.random(in: 0..<5, using: &generator) == 0 { return random(using: &generator) }
        switch value {
        case .object(var members):
            for index in members.indices {
                let member = members[index]
                let key = Int.random(in: 0..<20, using: &generator) == 0 ? "x" : member.key
                members[index] = .init(key, scrambled(member.value, using: &generator))
            }
            if Int.random(in: 0..<10, using: &generator) == 0 { members.shuffle(using: &generator) }
            return .object(members)
        default: return value
        }
    }

    private static func random(using generator: inout SeededGenerator) -> JSONValue {
        let values: [JSONValue] = [
            nil, true, false, 0, 1, -1, .integer(.max), .integer(.min), .number(1.5), .number(1e300), "", " ", "x",
            "available", .string(backupID), .string(String(repeating: "é", count: 300)), "\u{0}", "../..", [], [nil],
            [:],
            ["x": 1], ["status": "error"], "\u{10ffff}\u{feff}", .string(String(repeating: "9", count: 40)),
        ]
        return values.randomElement(using: &generator) ?? nil
    }
}
