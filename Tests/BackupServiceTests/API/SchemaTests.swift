// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import HTTPServer
import TestSupport
import Testing

@testable import BackupService

/// What is read and written is what the description says.
struct SchemaTests {
    private let checker = SchemaChecker(document: APIDescription.json)

    private func bodySchema(_ line: String) throws -> JSONValue {
        let request = try Request.sample(line)
        return try #require(try Route(path: request.path).destination(of: request.method).operation.body).json
    }

    @Test(arguments: RequestsBodyTests.clientRequests)
    func `what the clients send is described`(line: String, body: String) throws {
        let body = try JSONValue(parsing: Array(body.utf8))
        #expect(try checker.objection(to: body, bodySchema(line)) == nil, "\(line) \(body.text)")
    }

    /// What a pattern cannot say: which containers there may be, and how large a number in a string is.
    private static let beyondSchemas: Set = ["bad_container", "bad_value"]

    @Test func `5000 scrambled bodies are read if and only if they are described`() throws {
        let seed = SeededGenerator.seed()
        var generator = SeededGenerator(seed: seed)
        var read = 0
        for round in 0..<5000 {
            guard let (line, body) = RequestsBodyTests.clientRequests.randomElement(using: &generator) else { continue }
            let value = BackupAPIFuzzTests.scrambled(try JSONValue(parsing: Array(body.utf8)), using: &generator)
            let objection = try checker.objection(to: value, bodySchema(line))
            let comment: Comment = "seed \(seed), round \(round): \(line) \(value.text): \(objection ?? "described")"
            do {
                _ = try APICall(.sample(line, value.text))
                read += 1
                #expect(objection == nil, comment)
            } catch {
                #expect(objection != nil || Self.beyondSchemas.contains(Fault(error).reason), "\(error) \(comment)")
            }
        }
        #expect(read > 100)
    }

    @Test(arguments: BackupStatus.allCases, [true, false])
    func `backups are shown as described`(status: BackupStatus, isComplete: Bool) throws {
        var record = BackupRecord(
            id: try id(backupID), volumeID: try id(volumeID), status: status, sizeGiB: 2,
            createdAt: Timestamp(microseconds: 1_795_395_793_957_894))
        var report = ProgressReport(progress: JobProgress(phase: .queued, bytesTotal: 0), percent: 0)
        if isComplete {
            record.name = "n\u{0}é"
            record.parentID = try id(volumeID)
            record.container = "c"
            record.sizeBytes = .max
            record.storedBytes = 0
            record.encryptionKeyID = "k"
            record.userMetadata = ["a": "b"]
            record.updatedAt = Timestamp(microseconds: 1_795_395_793_000_000)
            report.bytesPerSecond = 1.5e300
            report.etaSeconds = 0.004
        }
        let view = BackupView(
            backup: BackupDescription(record: record, hasDependents: isComplete, progress: report), links: .none)
        #expect(try checker.objection(to: view.full, Schema.named("Backup").json) == nil)
        #expect(try checker.objection(to: view.short, Schema.named("BackupSummary").json) == nil)
    }

    @Test(arguments: VolumeStatus.allCases, [true, false])
    func `volumes are shown as described`(status: VolumeStatus, isComplete: Bool) throws {
        var record = VolumeRecord(
            id: try id(volumeID), source: "/srv/a.img", sizeBytes: 0, isOwned: false,
            createdAt: Timestamp(microseconds: 0))
        if isComplete {
            record.name = ""
            record.imageMetadata = ["a": "b"]
            record.encryptionKeyID = "k"
            record.failReason = "no"
            record.targetWritten = true
            record.updatedAt = Timestamp(microseconds: 1)
        }
        let view = VolumeView(volume: VolumeDescription(record: record, status: status), links: .none)
        #expect(try checker.objection(to: view.full, Schema.named("Volume").json) == nil)
        #expect(try checker.objection(to: view.short, Schema.named("VolumeSummary").json) == nil)
    }

    @Test func `errors are as described`() throws {
        for (error, status, _, _) in try FaultTests.known {
            guard let form = FailureForm.all.first(where: { $0.status == status }) else { continue }
            let content = form.description[key: "content"]?[key: "application/json"]
            let schema = try #require(content?[key: "schema"])
            #expect(try checker.objection(to: Fault(error).json, schema) == nil, "\(error)")
        }
    }

    @Test func `a view that leaves something out is not as described`() throws {
        #expect(try checker.objection(to: [:], Schema.named("Backup").json) != nil)
        #expect(try checker.objection(to: ["rel": "self", "href": 1], Schema.named("Link").json) != nil)
    }
}
