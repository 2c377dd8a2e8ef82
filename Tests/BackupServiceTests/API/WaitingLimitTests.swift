// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import BackupService

/// What a client hears whose job finds no place to wait.
struct WaitingLimitTests {
    private let fixture: FeedFixture
    init() throws { fixture = try FeedFixture(maxWaitingJobs: 1) }

    @Test func `one job too many is 429 with Retry-After, and a force-cancel is not`() throws {
        let available = try fixture.addBackup()
        let prefix = "volume_\(ResourceID.random())_20260101000000_backup_\(available)"
        #expect(try fixture.catalog.setLocation(available, container: "c", prefix: prefix))
        try fixture.finish(available)
        let waiting = try fixture.addWaitingBackup()
        let refused = try fixture.client().request(
            "POST", "/backups/\(available)/restore", headers: [("Content-Type", "application/json")],
            body: Array("{\"restore\": {}}".utf8))
        #expect(refused.status == 429)
        #expect(refused["Retry-After"] == "60")
        let fault = try JSONValue(parsing: refused.body)[key: "computeFault"]
        #expect(fault?[key: "reason"] == "too_many_jobs")
        #expect(fault?[key: "message"] == "At most 1 backups and restores may wait for their turn, and as many do.")
        #expect(try fixture.catalog.backup(available).status == .available)
        #expect(try fixture.catalog.volumes().count == 2, "no volume was made for it")

        #expect(try fixture.client().request("DELETE", "/backups/\(waiting)").status == 202)
    }
}
