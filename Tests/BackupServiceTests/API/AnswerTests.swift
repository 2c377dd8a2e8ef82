// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct AnswerTests {
    private func backups(_ count: Int) throws -> [BackupDescription] {
        try (0..<count).map { _ in
            let record = BackupRecord(
                id: .random(), volumeID: try id(volumeID), status: .available, sizeGiB: 1,
                createdAt: Timestamp(microseconds: 0))
            let report = ProgressReport(progress: JobProgress(phase: .done, bytesTotal: 0), percent: 100)
            return BackupDescription(record: record, hasDependents: false, progress: report)
        }
    }

    private func list(_ target: String, found: Int, count: Int? = nil) throws -> (JSONValue?, last: ResourceID?) {
        let request = try Request.sample("GET \(target)")
        guard case .listBackups(let listing) = try APICall(request) else { return (nil, nil) }
        let backups = try backups(found)
        return (Answer.backups(backups, count: count, listing, Links(request)).json, backups.last?.record.id)
    }

    @Test func `a full page leads to the next`() throws {
        let (json, last) = try list("/v3/p/backups/detail?limit=2&name=a%20%26b&marker=\(backupID)&offset=1", found: 2)
        let href = "http://127.0.0.1:8776/v3/p/backups/detail?limit=2&name=a%20%26b&marker=\(try #require(last))"
        #expect(json?[key: "backups_links"] == [["rel": "next", "href": .string(href)]])
    }

    @Test(arguments: [("/backups?limit=3", 2), ("/backups?limit=0", 0), ("/backups", 5)])
    func `the last page leads nowhere`(target: String, found: Int) throws {
        #expect(try list(target, found: found).0?[key: "backups_links"] == nil)
    }

    @Test func `all are counted when somebody asks`() throws {
        #expect(try list("/backups?limit=1&with_count=True", found: 1, count: 17).0?[key: "count"] == 17)
        #expect(try list("/backups?limit=1", found: 1).0?[key: "count"] == nil)
    }

    @Test func `what was created has a place`() throws {
        let backup = try #require(try backups(1).first)
        let links = Links(try .sample("POST /backups"))
        #expect(Answer.created(backup, status: 202, links).location == "/v3/backups/\(backup.record.id)")
    }
}
