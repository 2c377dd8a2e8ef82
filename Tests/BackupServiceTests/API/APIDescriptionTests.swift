// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import BackupService

struct APIDescriptionTests {
    private let document = APIDescription.json

    /// `GET /backups` and what the description says of it.
    private var described: [(line: String, operation: JSONValue)] {
        (document[key: "paths"]?.members ?? []).flatMap { path in
            path.value.members.map { ("\($0.key.uppercased()) \(path.key)", $0.value) }
        }
    }

    @Test func `every operation is described, and nothing else is`() {
        let described = described.map { "\($0.line): \($0.operation[key: "operationId"]?.text ?? "")" }
        let operations = Operation.all.map { "\($0.method) \($0.pathTemplate): \"\($0.id)\"" }
        #expect(Set(described) == Set(operations))
        #expect(described.count == operations.count)
        #expect(Set(Operation.all.map(\.id)).count == operations.count)
    }

    @Test(arguments: ["", "/v3", "/v3/p"])
    func `what is described is where the router finds it`(root: String) throws {
        for operation in Operation.all where operation.firstSegment != nil {
            let path = operation.pathTemplate
                .replacing("{backup_id}", with: backupID).replacing("{volume_id}", with: volumeID)
            let destination = try Route(path: root + path).destination(of: operation.method)
            #expect(destination.operation.id == operation.id)
        }
    }

    @Test func `the daemon gives it to everybody, at every root`() throws {
        let api = BackupAPI(authentication: .token("t")) { call, _ in
            #expect(call == .describeAPI)
            return Answer(200, APIDescription.json)
        }
        for path in ["/openapi.json", "/v3/openapi.json", "/v3/p/openapi.json"] {
            #expect(try api.respond(to: .sample("GET \(path)")).json[key: "openapi"] == "3.1.0")
        }
    }

    @Test func `every reference leads somewhere`() {
        let checker = SchemaChecker(document: document)
        func references(_ value: JSONValue) -> [String] {
            switch value {
            case .array(let elements): elements.flatMap(references)
            case .object(let members):
                members.flatMap { member -> [String] in
                    if member.key == "$ref", case .string(let text) = member.value { return [text] }
                    return references(member.value)
                }
            default: []
            }
        }
        let found = references(document)
        #expect(found.count > 100)
        for reference in Set(found) { #expect(checker.target(of: reference) != nil, "\(reference)") }
    }

    @Test func `every status of an error is described, and has a phrase`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let source = try String(
            contentsOf: root.appending(path: "Sources/BackupService/API/Fault+Failure.swift"), encoding: .utf8)
        let statuses = Set(source.matches(of: /\((\d{3}), "/).compactMap { Int($0.output.1) })
        #expect(statuses.count > 8)
        let refusals = try FaultTests.known.map(\.1)
        // A method that a path does not have is described in words: no operation can answer so.
        let described = Set(FailureForm.all.map(\.status)).union([405])
        for status in statuses.union(refusals) { #expect(described.contains(status), "\(status)") }
        for form in FailureForm.all { #expect(!form.name.isEmpty, "\(form.status)") }
    }

    @Test func `every parameter in a path is described`() {
        for (line, operation) in described where line.contains("{") {
            guard case .array(let parameters)? = operation[key: "parameters"] else {
                Issue.record("\(line) has no parameters")
                continue
            }
            for parameter in parameters where parameter[key: "in"] == "path" {
                guard case .string(let name)? = parameter[key: "name"] else { continue }
                #expect(line.contains("{\(name)}"))
                #expect(parameter[key: "required"] == true)
            }
        }
    }
}
