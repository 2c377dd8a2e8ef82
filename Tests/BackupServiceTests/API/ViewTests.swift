// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import HTTPServer
import Testing

@testable import BackupService

struct ViewTests {
    private func backup() throws -> BackupDescription {
        var record = BackupRecord(
            id: try id(backupID), volumeID: try id(volumeID), status: .available, sizeGiB: 2,
            createdAt: Timestamp(microseconds: 1_795_395_793_957_894))
        record.name = "nightly"
        record.container = "c"
        record.objectCount = 21
        record.sizeBytes = 1_073_741_825
        record.storedBytes = 201_326_592
        record.compression = "zstd"
        record.userMetadata = ["b": "2", "a": "1"]
        var progress = JobProgress(phase: .done, bytesTotal: 1_073_741_825)
        progress.bytesDone = 1_073_741_825
        progress.bytesStored = 201_326_592
        progress.objects = 21
        let report = ProgressReport(progress: progress, percent: 100, bytesPerSecond: 612_000_000.4, etaSeconds: nil)
        return BackupDescription(record: record, hasDependents: true, progress: report)
    }

    @Test func `a backup has Cinder's members and ours`() throws {
        let links = Links(try .sample("GET /backups"))
        let expected = #"""
            {"id": "\#(backupID)", "status": "available", "size": 2, "object_count": 21, "availability_zone": null,
            "container": "c", "created_at": "2026-11-23T01:03:13.957894", "updated_at": null, "name": "nightly",
            "description": null, "fail_reason": null, "volume_id": "\#(volumeID)",
            "links": [{"rel": "self", "href": "http://127.0.0.1:8776/v3/backups/\#(backupID)"},
            {"rel": "bookmark", "href": "http://127.0.0.1:8776/backups/\#(backupID)"}],
            "is_incremental": false, "has_dependent_backups": true, "snapshot_id": null,
            "data_timestamp": "2026-11-23T01:03:13.957894",
            "os-backup-project-attr:project_id": "00000000000000000000000000000000",
            "metadata": {"a": "1", "b": "2"}, "user_id": "00000000000000000000000000000000",
            "parent_id": null, "size_bytes": 1073741825, "stored_bytes": 201326592, "compression": "zstd",
            "remark": null, "protected": false, "progress": {"phase": "done", "percent": 100.0, "bytes_done": 1073741825,
            "bytes_total": 1073741825, "bytes_stored": 201326592, "objects": 21, "bytes_per_second": 612000000,
            "eta_seconds": null}}
            """#
        let view = BackupView(backup: try backup(), links: links)
        #expect(view.full == (try JSONValue(parsing: Array(expected.utf8))))
        #expect(view.full[key: "links"] == view.short[key: "links"])
        #expect(view.short[key: "status"] == nil)
    }

    @Test(
        arguments: [
            (0, 0), (41.66, 41.7), (-3, 0), (99.94, 99.9), (99.96, 99.9), (99.999999, 99.9), (100, 100), (100.5, 100),
        ] as [(Double, Double)])
    func `only what is complete is shown as 100 percent`(percent: Double, shown: Double) {
        let report = ProgressReport(
            progress: JobProgress(phase: .reading, bytesTotal: 1), percent: percent, bytesPerSecond: nil,
            etaSeconds: 1.0249)
        let json = report.json
        #expect(json[key: "percent"] == .number(shown))
        #expect(json[key: "eta_seconds"] == .number(1.02))
    }

    @Test(arguments: [Double.nan, .infinity, 1e300])
    func `a number that is none is null`(value: Double) throws {
        let report = ProgressReport(
            progress: JobProgress(phase: .reading, bytesTotal: 1), percent: value, bytesPerSecond: value,
            etaSeconds: value)
        let json = report.json
        #expect(json[key: "bytes_per_second"] == .null)
        #expect(throws: Never.self) { try JSONValue(parsing: json.utf8) }
    }

    @Test func `a volume has what the clients need`() throws {
        var record = VolumeRecord(
            id: try id(volumeID), source: "/srv/a.img", sizeBytes: 1, isOwned: false,
            createdAt: Timestamp(microseconds: 1_795_395_793_000_000))
        record.failReason = "no"
        record.targetWritten = true
        let links = Links(try Request.sample("GET /volumes").from(.unixSample))
        let view = VolumeView(volume: VolumeDescription(record: record, status: .inUse), links: links).full
        let expected: [(String, JSONValue)] = [
            ("id", .string(volumeID)), ("status", "in-use"), ("size", 1), ("size_bytes", 1), ("source", "/srv/a.img"),
            ("bootable", "false"), ("attachments", []), ("metadata", [:]), ("encrypted", false), ("multiattach", false),
            ("fail_reason", "no"), ("target_written", true), ("created_at", "2026-11-23T01:03:13"), ("name", nil),
        ]
        for (key, value) in expected { #expect(view[key: key] == value, "\(key)") }
        #expect(view[key: "encryption_key_id"] == nil)
        #expect(view[key: "volume_image_metadata"] == nil)
        #expect(view.text.contains("\"/v3/volumes/\(volumeID)\""))
    }
}
