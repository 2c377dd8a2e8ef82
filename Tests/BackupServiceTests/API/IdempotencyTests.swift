// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import BackupService

struct IdempotencyTests {
    private static let line = "POST /backups"
    private static let body = "{\"backup\": {\"volume_id\": \"\(volumeID)\"}}"

    // MARK: - The key

    @Test(arguments: ["a", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "!~", String(repeating: "k", count: 255)])
    func `visible ASCII is a key`(text: String) throws {
        #expect(try IdempotencyKey(headers(text))?.text == text)
    }

    @Test(arguments: ["", "a b", "a\tb", "é", "\u{7f}", String(repeating: "k", count: 256)])
    func `anything else is none`(text: String) throws {
        #expect(throws: APIError.malformedKey) { try IdempotencyKey(headers(text)) }
        let response = api(answering: Answer(202)).respond(
            to: try .sample(Self.line, Self.body, headers: headers(text)))
        #expect(response.status.code == 400)
        #expect(response.reason == "malformed_key")
    }

    @Test func `two keys are none`() throws {
        var fields = headers("a")
        fields.append(HTTPField(name: try #require(HTTPField.Name("Idempotency-Key")), value: "b"))
        #expect(throws: APIError.malformedKey) { try IdempotencyKey(fields) }
    }

    @Test func `no key is no key`() throws { #expect(try IdempotencyKey([:]) == nil) }

    @Test func `the receipt stands for the method, the target and the body`() throws {
        let requests: [Request] = try [
            .sample("POST /backups", "{}"), .sample("POST /v3/backups", "{}"), .sample("POST /backups?a=b", "{}"),
            .sample("POST /backups", "{ }"), .sample("POST /volumes", "{}"),
        ]
        let key = try #require(try IdempotencyKey(headers("k")))
        #expect(try Set(requests.map { try key.receipt(for: $0, of: .sample).request }).count == requests.count)
        #expect(
            try key.receipt(for: requests[0], of: .sample)
                == key.receipt(for: .sample("POST /backups", "{}"), of: .sample))
    }

    @Test(arguments: ["GET /backups", "PUT /backups/\(backupID)", "DELETE /backups/\(backupID)"])
    func `requests that may be sent again anyhow need no key`(line: String) throws {
        let api = BackupAPI(
            authentication: .none,
            performOnce: { _, _, _ in
                Issue.record("performed once")
                return Answer(202)
            }, perform: { _, _ in Answer(202) })
        let body = line.hasPrefix("PUT") ? "{\"backup\": {\"name\": \"n\"}}" : ""
        #expect(api.respond(to: try .sample(line, body, headers: headers("not a key"))).status.code == 202)
    }

    // MARK: - Once

    private let receipt = Receipt(key: "k", request: "r")

    @Test func `the work is done once, and its answer given again`() throws {
        let catalog = try TemporaryCatalog()
        let keyed = KeyedRequests()
        let first = Answer(202, ["a": .number(41.7), "b": "é\u{0}\u{1F600}", "c": nil], location: "/v3/x")
        #expect(try keyed.answer(receipt, in: catalog.catalog, work: { first }) == first)
        try catalog.reopen()
        let again = try KeyedRequests().answer(receipt, in: catalog.catalog, work: { throw APIError.missingBody })
        #expect(again == first)
        #expect(again.json?.text == first.json?.text)
    }

    @Test func `an error is not remembered: nothing was done`() throws {
        let catalog = try TemporaryCatalog()
        let keyed = KeyedRequests()
        #expect(throws: APIError.missingBody) {
            try keyed.answer(receipt, in: catalog.catalog, work: { throw APIError.missingBody })
        }
        #expect(try keyed.answer(receipt, in: catalog.catalog, work: { Answer(202) }) == Answer(202))
        // Not even which request it was.
        let other = Receipt(key: "other", request: "r")
        #expect(throws: APIError.missingBody) {
            try keyed.answer(other, in: catalog.catalog, work: { throw APIError.missingBody })
        }
        let changed = Receipt(key: "other", request: "changed")
        #expect(try keyed.answer(changed, in: catalog.catalog, work: { Answer(201) }) == Answer(201))
    }

    @Test func `another request under the same key is refused`() throws {
        let catalog = try TemporaryCatalog()
        let keyed = KeyedRequests()
        _ = try keyed.answer(receipt, in: catalog.catalog, work: { Answer(202) })
        #expect(throws: CatalogError.keyReused("k")) {
            try keyed.answer(Receipt(key: "k", request: "other"), in: catalog.catalog, work: { Answer(202) })
        }
        #expect(Fault(CatalogError.keyReused("k")).status == 422)
    }

    @Test func `a request that is being worked on is answered by 409, and another one by 422`() throws {
        let catalog = try TemporaryCatalog()
        let keyed = KeyedRequests()
        _ = try keyed.answer(
            receipt, in: catalog.catalog,
            work: {
                #expect(throws: APIError.keyInProgress("k")) {
                    try keyed.answer(receipt, in: catalog.catalog, work: { Answer(200) })
                }
                #expect(throws: CatalogError.keyReused("k")) {
                    try keyed.answer(Receipt(key: "k", request: "other"), in: catalog.catalog, work: { Answer(200) })
                }
                return Answer(202)
            })
        let fault = Fault(APIError.keyInProgress("k"))
        #expect(fault.status == 409)
        #expect(fault.headers[.retryAfter] == "1")
        #expect(try keyed.answer(receipt, in: catalog.catalog, work: { Answer(200) }) == Answer(202))
    }

    @Test func `what was done and not answered is answered, and not done again`() throws {
        let catalog = try TemporaryCatalog()
        let volume = VolumeRecord(
            id: .random(), source: "/v", sizeBytes: 1, isOwned: false, createdAt: Timestamp(microseconds: 0))
        // The daemon ends after the work, before the answer is kept.
        try catalog.catalog.leaving(receipt).insert(volume)
        try catalog.reopen()
        let answer = Answer(202, ["made": .string(volume.id.text)])
        for _ in 0..<2 {
            let again = try KeyedRequests().answer(
                receipt, in: catalog.catalog, work: { throw APIError.missingBody },
                remake: { Answer(202, ["made": JSONValue($0.made)]) })
            #expect(again == answer)
        }
    }

    @Test func `an answer that cannot be kept is given all the same, and logged`() throws {
        let catalog = try TemporaryCatalog()
        var logged = 0
        let answer = try KeyedRequests().answer(
            receipt, in: catalog.catalog,
            work: {
                try catalog.catalog.close()
                return Answer(202)
            }, remake: { _ in Answer(500) }, logFailure: { _ in logged += 1 })
        #expect(answer == Answer(202))
        #expect(logged == 1)
    }

    private func headers(_ key: String) -> HTTPFields {
        var headers: HTTPFields = [:]
        headers.set("Idempotency-Key", key)
        return headers
    }

    private func api(answering answer: Answer) -> BackupAPI { BackupAPI(authentication: .none) { _, _ in answer } }
}

extension KeyedRequests {
    fileprivate func answer(
        _ receipt: Receipt, in catalog: BackupCatalog, work: () throws -> Answer,
        remake: (DoneRequest) throws -> Answer = { _ in
            Issue.record("remade")
            return Answer(500)
        }
    ) throws -> Answer {
        try answer(receipt, in: catalog, work: work, remake: remake, logFailure: { Issue.record("\($0)") })
    }
}

/// A catalog in a directory of its own.
private final class TemporaryCatalog {
    private let directory: TemporaryDirectory
    private(set) var catalog: BackupCatalog

    init() throws {
        directory = try TemporaryDirectory()
        catalog = try BackupCatalog(directory: directory.path) { Timestamp(microseconds: 1_000_000_000) }
    }

    func reopen() throws {
        try catalog.close()
        catalog = try BackupCatalog(directory: directory.path) { Timestamp(microseconds: 2_000_000_000) }
    }
}
