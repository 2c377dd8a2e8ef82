// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import TestSupport
import Testing

extension DaemonTests {
    /// What becomes of records that are imported, while their lists are read and after.
    struct ImportTests {
        @Test func `records of Cinder's other drivers for directories are imported like those of the first`() throws {
            let (daemon, id) = try Self.daemonWithBackup()
            let record = try daemon.exportedRecord(id)
            for service in ["nfs.NFSBackupDriver", "nfs", "glusterfs.GlusterfsBackupDriver", "glusterfs", "posix"] {
                let other = try DaemonFixture(repository: daemon.repository)
                let answer = try other.importRecord(
                    record.with("service", .string("cinder.backup.drivers." + service)),
                    service: " cinder.backup.drivers.\(service)\n")
                #expect(answer.status == 201, "\(service): \(answer)")
                #expect(try areIdentical(other.restoreToNewImage(id), daemon.imagePath("disk")))
                let exported = try other.request("GET", "/backups/\(id)/export_record").json[key: "backup-record"]
                #expect(exported?.text("backup_service") == "cinder.backup.drivers.posix.PosixBackupDriver")
            }
        }

        @Test func `two names of one container are one place`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(100_000), name: "disk")
            let created = try daemon.createBackup(of: volume, container: "./tenant//shared/")
            #expect(created.text("container") == "tenant/shared")
            let id = try DaemonFixture.id(created)
            try daemon.wait(for: id, toBe: "available")
            let record = try daemon.exportedRecord(id)

            let other = try DaemonFixture(repository: daemon.repository)
            let answer = try other.importRecord(record.with("container", "tenant/./shared//"))
            #expect(answer.status == 201, "\(answer)")
            #expect(try other.backup(id).text("container") == "tenant/shared")
            let twin = record.with("id", "11111111-2222-4333-8444-555555555555").with("container", "tenant//shared")
            #expect(try other.importRecord(twin).reason == "prefix_in_use")
            #expect(try areIdentical(other.restoreToNewImage(id), daemon.imagePath("disk")))
            for container in ["../tenant", "/tenant/shared", "tenant/../tenant/shared"] {
                #expect(try other.importRecord(twin.with("container", .string(container))).reason == "bad_container")
            }
        }

        @Test func `what a daemon exports another one imports, however large`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let metadata = JSONValue(
                Dictionary(uniqueKeysWithValues: (0..<1500).map { ("\($0)", String(repeating: "é", count: 255)) }))
            let raw = Self.rawText(["backup": ["volume_id": .string(volume), "metadata": metadata]])
            #expect(raw.count > 512 << 10 && raw.count < 1 << 20)
            let created = try DaemonAnswer(daemon.client().request("POST", "/backups", body: raw))
            let id = try DaemonFixture.id(#require(created.json[key: "backup"], "\(created.status)"))
            try daemon.wait(for: id, toBe: "available")

            let exported = try daemon.request("GET", "/backups/\(id)/export_record").json
            #expect(exported.utf8.count > 1 << 20)
            let other = try DaemonFixture(repository: daemon.repository)
            let answer = try other.request("POST", "/backups/import_record", exported)
            #expect(answer.status == 201, "\(answer.status) \(answer.reason ?? "")")
            #expect(try other.backup(id)[key: "metadata"] == metadata)
            let tooLarge = try daemon.request("POST", "/backups", ["backup": exported])
            #expect(tooLarge.status == 413, "other bodies stay within 1 MiB: \(tooLarge.status)")
        }

        /// JSON that does not escape what is not ASCII, as clients write it.
        private static func rawText(_ value: JSONValue) -> [UInt8] {
            Array(value.text.replacing("\\u00e9", with: "é").utf8)
        }

        @Test func `a child of Cinder's that comes before its parent gets its length when the parent comes`() throws {
            let fixture = try #require(
                try CinderFixture.all().first { fixture in
                    fixture.backups.count > 1 && fixture.backups.allSatisfy(\.mustRestore)
                        && fixture.backups.contains { $0.parentID != nil }
                })
            let copy = try TemporaryDirectory()
            try FileManager.default.copyItem(atPath: fixture.repository, toPath: copy.path("repo"))
            let daemon = try DaemonFixture(repository: copy.path("repo"))
            let children = fixture.backups.filter { $0.parentID != nil }
            for child in children {
                #expect(try daemon.importRecord(child.record).status == 201)
                #expect(try daemon.backup(child.id.text)[key: "size_bytes"] == .null)
            }
            // What is left to measure survives the daemon.
            daemon.kill()
            try daemon.start()
            for full in fixture.backups where full.parentID == nil {
                #expect(try daemon.importRecord(full.record).status == 201)
            }
            for backup in fixture.backups {
                let isMeasured = try eventually {
                    try daemon.backup(backup.id.text).integer("size_bytes") == backup.restoredSize
                }
                #expect(isMeasured, "\(fixture) \(backup.id)")
            }
        }

        @Test func `a record does not wait for its repository, and is measured when that has come`() throws {
            let (daemon, id) = try Self.daemonWithBackup()
            let record = try daemon.exportedRecord(id).with("object_count", 77).with("size_bytes", nil)
            let other = try DaemonFixture()
            #expect(try other.importRecord(record).status == 201)
            let isRemarked = try eventually {
                try other.backup(id).text("remark")?.hasPrefix("imported, but not readable now") == true
            }
            #expect(isRemarked)
            #expect(try other.backup(id)[key: "size_bytes"] == .null)

            other.stop()
            try FileManager.default.removeItem(atPath: other.repository)
            try FileManager.default.copyItem(atPath: daemon.repository, toPath: other.repository)
            try other.start()
            let isMeasured = try eventually { try other.backup(id).integer("size_bytes") == 100_000 }
            let backup = try other.backup(id)
            #expect(isMeasured, "\(backup.text)")
            #expect(backup[key: "remark"] == .null && backup.integer("object_count") == 1)
        }

        @Test func `a record of another backup is refused`() throws {
            let (daemon, id) = try Self.daemonWithBackup()
            let record = try daemon.exportedRecord(id)
            let other = try DaemonFixture(repository: daemon.repository)
            let stranger = "11111111-2222-4333-8444-555555555555"
            let answer = try other.importRecord(record.with("id", .string(stranger)))
            #expect(answer.status == 400 && answer.reason == "bad_record", "\(answer)")
            #expect(answer.message?.contains(id) == true, "\(answer)")
            #expect(try other.request("GET", "/backups/\(stranger)").status == 404)
            #expect(try other.importRecord(record).status == 201, "its place is still free")
        }

        /// The list is long enough that nobody reads it within the moment that a request waits.
        @Test func `a long list holds no request, and is read to its end all the same`() throws {
            let daemon = try DaemonFixture()
            let count = 250_000
            let id = "11111111-2222-4333-8444-555555555555"
            try Self.writeLongList(count, of: id, to: daemon.repository)
            let record: JSONValue = [
                "id": .string(id), "size": 1, "display_name": "long", "display_description": nil, "container": "c",
                "service_metadata": "p", "object_count": 1,
            ]
            let start = ContinuousClock.now
            let answer = try daemon.importRecord(record)
            #expect(answer.status == 201, "\(answer)")
            #expect(answer.json[key: "backup"]?.integer("object_count") == 1)
            #expect(ContinuousClock.now - start < .seconds(5))

            // None of its objects is there, which takes as long to find out.
            #expect(try daemon.reset(id, to: "error").status == 202)
            #expect(try daemon.reset(id, to: "available").status == 202)
            #expect(try daemon.status(of: id) == "error")
            daemon.kill()
            try daemon.start()
            let isRefused = try eventually(within: DaemonFixture.patience) {
                try daemon.backup(id).text("fail_reason")?.contains("cannot become available") == true
            }
            #expect(isRefused, "\(daemon.log)")
            #expect(try daemon.status(of: id) == "error")
            let isCounted = try eventually(within: DaemonFixture.patience) {
                try daemon.backup(id).integer("object_count") == Int64(count)
            }
            #expect(isCounted, "\(daemon.log)")
        }

        private static func writeLongList(_ count: Int, of id: String, to repository: String) throws {
            try FileManager.default.createDirectory(atPath: repository + "/c", withIntermediateDirectories: true)
            var text = #"{"version": "1.0.0", "backup_id": "\#(id)", "size_bytes": 5, "objects": ["#
            text.reserveCapacity(count * 110)
            for number in 1...count {
                text += number > 1 ? "," : ""
                text += #"{"p-\#(padded(number, 5))": {"compression": "none", "length": 1, "offset": \#(number), "#
                text += #""md5": "93b885adfe0da089cdf634904fd59f71"}}"#
            }
            text += "]}"
            try Data(text.utf8).write(to: URL(fileURLWithPath: repository + "/c/p_metadata"))
        }

        /// A daemon with one backup, of 100,000 bytes.
        private static func daemonWithBackup() throws -> (DaemonFixture, id: String) {
            let daemon = try DaemonFixture()
            return (daemon, try daemon.backUp(daemon.register(.noise(100_000), name: "disk")))
        }
    }
}

extension DaemonFixture {
    fileprivate func exportedRecord(_ id: String) throws -> JSONValue {
        let answer = try request("GET", "/backups/\(id)/export_record")
        let url = try #require(answer.json[key: "backup-record"]?.text("backup_url"), "\(answer)")
        return try JSONValue(parsing: [UInt8](#require(Data(base64Encoded: url))))
    }

    fileprivate func importRecord(
        _ record: JSONValue, service: String = "cinder.backup.drivers.posix.PosixBackupDriver"
    ) throws -> DaemonAnswer {
        let url = JSONValue.string(Data(record.utf8).base64EncodedString())
        return try request(
            "POST", "/backups/import_record",
            ["backup-record": ["backup_service": .string(service), "backup_url": url]])
    }
}

extension JSONValue {
    /// The object with this member changed.
    fileprivate func with(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key } + [Member(key, value)])
    }
}
