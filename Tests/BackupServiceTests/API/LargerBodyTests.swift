// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import HTTPServer
import HTTPTypes
import Testing

@testable import BackupService

struct LargerBodyTests {
    @Test(arguments: ["", "/v3", "/v3/p"])
    func `a record may be larger than other bodies, and nothing else may`(root: String) {
        #expect(BackupAPI.largerBody(.post, root + "/backups/import_record") == 6 << 20)
        #expect(BackupAPI.largerBody(.post, root + "/backups/import%5Frecord/") == 6 << 20)
        #expect(BackupAPI.largerBody(.put, root + "/backups/import_record") == nil)
        for operation in Operation.all where operation.id != "importRecord" {
            let path = operation.pathTemplate
                .replacing("{backup_id}", with: backupID).replacing("{volume_id}", with: volumeID)
            #expect(BackupAPI.largerBody(operation.method, root + path) == nil, "\(operation.id)")
        }
        #expect(BackupAPI.largerBody(.post, "nonsense") == nil)
    }

    @Test func `description and manual say what is taken`() throws {
        let form = try #require(FailureForm.all.first { $0.status == 413 })
        #expect(form.details.contains("\(Operation.bodyBytes >> 20) MiB"))
        #expect(form.details.contains("\(Operation.recordBytes >> 20) MiB"))
        #expect(Limits().bodyBytes == Operation.bodyBytes)
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let manual = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        #expect(
            manual.contains(
                "at most \(Operation.bodyBytes >> 20) MiB (\(Operation.recordBytes >> 20) MiB for `import_record`"))
    }

    @Test func `a string in a body may be longer than a MiB`() throws {
        let url = String(repeating: "A", count: 5 << 20)
        let body = #"{"backup-record": {"backup_service": "s", "backup_url": "\#(url)"}}"#
        let call = try APICall(.sample("POST /backups/import_record", body))
        #expect(call == .importRecord(ExportedRecord(service: "s", url: url)))
    }
}
