// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import Posix
import TestSupport
import Testing

extension DaemonTests {
    /// Records that travel, states that are set by hand, lists and refusals.
    struct RecordTests {
        @Test func `another daemon restores from the exported records and a copy of the repository`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.mixed(1_000_000), name: "disk")
            let first = try daemon.root.copy(daemon.imagePath("disk"), "first")
            let full = try daemon.backUp(volume)
            try overwrite(daemon.imagePath("disk"), at: 5000, with: noiseBytes(50_000, seed: 8))
            let child = try daemon.backUp(volume, incremental: true)
            let records = try [child, full].map { try daemon.request("GET", "/backups/\($0)/export_record").json }
            try checkMembers(of: records[0])

            let scratch = try TemporaryDirectory()
            let copy = scratch.path("repository")
            try FileManager.default.copyItem(atPath: daemon.repository, toPath: copy)
            let other = try DaemonFixture(repository: copy)
            for record in records {  // the child before its parent
                let answer = try other.request("POST", "/backups/import_record", record)
                #expect(answer.status == 201, "\(answer)")
                let again = try other.request("POST", "/backups/import_record", record)
                #expect(again.status == 400 && again.reason == "backup_exists", "\(again)")
            }
            #expect(try other.backup(child).integer("size_bytes") == 1_000_000)
            #expect(try areIdentical(other.restoreToNewImage(full), first))
            #expect(try areIdentical(other.restoreToNewImage(child), daemon.imagePath("disk")))
            let moved = try other.register(daemon.root.copy(first, "images/moved").inImages(of: other), id: volume)
            #expect(try other.backup(other.backUp(moved, incremental: true)).text("parent_id") == child)
        }

        private func checkMembers(of record: JSONValue) throws {
            let url = try #require(record[key: "backup-record"]?.text("backup_url"))
            let data = try #require(Data(base64Encoded: url))
            let json = try JSONValue(parsing: [UInt8](data))
            #expect(json[key: "is_incremental"] == nil && json[key: "has_dependent_backups"] == nil)
            #expect(json.integer("size") == 1 && json.integer("size_bytes") == 1_000_000)
            #expect(json.text("data_timestamp") != nil && json[key: "driver_info"] == [:])
            #expect(json.text("service") == "cinder.backup.drivers.posix.PosixBackupDriver")
        }

        @Test func `records that lie are refused`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(daemon.register(.noise(1000), name: "disk"))
            let url = try #require(
                daemon.request("GET", "/backups/\(id)/export_record").json[key: "backup-record"]?.text("backup_url"))
            let text = String(decoding: try #require(Data(base64Encoded: url)), as: UTF8.self)
            let posix = "cinder.backup.drivers.posix.PosixBackupDriver"
            func importing(_ text: String, service: String = posix) throws -> DaemonAnswer {
                let url = JSONValue.string(Data(text.utf8).base64EncodedString())
                return try daemon.request(
                    "POST", "/backups/import_record",
                    ["backup-record": ["backup_service": .string(service), "backup_url": url]])
            }
            let container = try #require(daemon.backup(id).text("container"))
            let other = "11111111-2222-4333-8444-555555555555"
            #expect(try importing(text, service: "cinder.backup.drivers.swift").reason == "unknown_service")
            #expect(try importing("{}").reason == "bad_record")
            let renamed = text.replacing("\"id\": \"\(id)\"", with: "\"id\": \"\(other)\"")
            #expect(try importing(renamed).reason == "prefix_in_use")
            let escaping = renamed.replacing("\"\(container)\"", with: "\"../etc\"")
            #expect(try importing(escaping).reason == "bad_container")
        }

        /// Until 2017 Cinder's drivers called all objects the same: of two backups in one container the later one is left.
        @Test func `a record whose objects are another backup's is refused, at the import and at the restore`() throws {
            let daemon = try DaemonFixture()
            let volume = try daemon.register(.noise(1000), name: "disk")
            let id = try daemon.backUp(volume)
            let child = try daemon.backUp(volume, incremental: true)
            func text(of id: String) throws -> String {
                let record = try daemon.request("GET", "/backups/\(id)/export_record").json[key: "backup-record"]
                return String(
                    decoding: try #require(Data(base64Encoded: record?.text("backup_url") ?? "")), as: UTF8.self)
            }
            let records = try (full: text(of: id), child: text(of: child))
            let (other, stranger) = (ResourceID.random().text, ResourceID.random().text)
            func importing(_ text: String) throws -> DaemonAnswer {
                try daemon.request(
                    "POST", "/backups/import_record",
                    [
                        "backup-record": [
                            "backup_service": "cinder.backup.drivers.posix.PosixBackupDriver",
                            "backup_url": .string(Data(text.utf8).base64EncodedString()),
                        ]
                    ])
            }
            let copy = try DaemonFixture.copyOfObjects(daemon, of: child)
            let renamed = records.child.replacing("\"id\": \"\(child)\"", with: "\"id\": \"\(other)\"")
                .replacing("\"container\": \"", with: "\"container\": \"\(copy)/")
            let refusal = try importing(renamed)
            #expect(refusal.status == 400 && refusal.reason == "bad_record", "\(refusal)")
            #expect(refusal.message?.contains(child) == true && refusal.message?.contains(other) == true, "\(refusal)")
            let adopted = records.child.replacing("\"parent_id\": \"\(id)\"", with: "\"parent_id\": \"\(stranger)\"")
                .replacing("\"container\": \"", with: "\"container\": \"\(copy)/")
            #expect(try daemon.delete(child).status == 202)
            try daemon.waitUntilGone(child)
            #expect(try importing(adopted).reason == "bad_record")

            // Its objects come after the record.
            let metadata = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("_metadata") })
            let (file, kept) = (daemon.repository + "/" + metadata, daemon.root.path("kept"))
            try FileManager.default.moveItem(atPath: file, toPath: kept)
            #expect(try daemon.delete(id).status == 202)
            try daemon.waitUntilGone(id)
            let late = records.full.replacing("\"id\": \"\(id)\"", with: "\"id\": \"\(other)\"")
            #expect(try importing(late).status == 201)
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: kept, toPath: file)
            let restored = try daemon.restore(other)
            #expect(restored.text("status") == "error_restoring")
            #expect(restored.text("fail_reason")?.contains("backup_id is \(id)") == true, "\(restored.text)")
            #expect(restored[key: "target_written"] == false)
        }

        @Test func `a status is set by hand only where it is true`() throws {
            let daemon = try DaemonFixture()
            let id = try daemon.backUp(daemon.register(.noise(1000), name: "disk"))
            #expect(try daemon.reset(id, to: "error").status == 202)
            #expect(try daemon.status(of: id) == "error")
            #expect(try daemon.askForRestore(of: id).reason == "invalid_status")
            #expect(try daemon.reset(id, to: "available").status == 202)
            #expect(try daemon.status(of: id) == "available")
            for status in ["creating", "restoring", "deleting", "nonsense"] {
                #expect(try daemon.reset(id, to: status).status == 400, "\(status)")
            }
            #expect(try daemon.reset(id, to: "error").status == 202)
            let metadata = try #require(daemon.storedFiles(of: id).first { $0.hasSuffix("_metadata") })
            try FileManager.default.removeItem(atPath: daemon.repository + "/" + metadata)
            let refusal = try daemon.reset(id, to: "available")
            #expect(refusal.status == 400 && refusal.reason == "metadata_unreadable", "\(refusal)")
        }

        @Test func `lists are filtered, sorted, counted and paged`() throws {
            let daemon = try DaemonFixture()
            let volumes = try ["a", "b"].map { try daemon.register(.noise(100), name: $0) }
            var ids: [String] = []
            for index in 0..<6 {
                let created = try daemon.createBackup(of: volumes[index % 2], name: "backup-\(index)")
                ids.append(try DaemonFixture.id(created))
                try daemon.wait(for: ids[index], toBe: "available")
            }
            #expect(try daemon.reset(ids[5], to: "error").status == 202)
            func listed(_ query: String) throws -> [String] {
                try daemon.list("/v3/any-project/backups\(query)").map(DaemonFixture.id)
            }
            #expect(try listed("") == ids.reversed())
            #expect(try listed("?sort=name:asc") == ids)
            #expect(try listed("?sort_key=name&sort_dir=asc&limit=2&offset=1") == Array(ids[1...2]))
            #expect(try listed("?sort=name:asc&limit=2&marker=\(ids[3])") == Array(ids[4...5]))
            #expect(try listed("?name=backup-3") == [ids[3]])
            #expect(try listed("?status=error") == [ids[5]])
            #expect(try Set(listed("?volume_id=\(volumes[0])")) == Set([ids[0], ids[2], ids[4]]))
            #expect(try listed("?volume_id=\(volumes[0])&status=error").isEmpty)
            #expect(try listed("?limit=0").isEmpty)
            let page = try daemon.request("GET", "/backups?limit=2&with_count=true&status=available").json
            #expect(page.integer("count") == 5 && page.list("backups").count == 2)
            let next = try #require(page.list("backups_links").first?.text("href"))
            #expect(try daemon.list(next).map(DaemonFixture.id) == [ids[2], ids[1]])
            for query in ["?limit=-1", "?offset=x", "?sort=nonsense", "?limit=1&limit=2"] {
                #expect(try daemon.request("GET", "/backups\(query)").status == 400, "\(query)")
            }
            #expect(try daemon.request("GET", "/backups?marker=\(volumes[0])").status == 404)
        }

        @Test func `errors have Cinder's shape and a word for machines`() throws {
            let daemon = try DaemonFixture()
            let nowhere = try daemon.request("GET", "/backups/11111111-2222-4333-8444-555555555555")
            #expect(nowhere.status == 404 && nowhere.json[key: "itemNotFound"]?.integer("code") == 404)
            #expect(nowhere.reason == "backup_not_found" && nowhere.message?.hasSuffix(".") == true, "\(nowhere)")
            let volume = try daemon.register(.noise(10), name: "disk")
            let body: JSONValue = ["backup": ["volume_id": .string(volume), "colour": "red"]]
            let unknown = try daemon.request("POST", "/backups", body)
            #expect(unknown.status == 400 && unknown.json[key: "badRequest"] != nil, "\(unknown)")
            #expect(unknown.reason == "unknown_member" && unknown.message?.contains("backup.colour") == true)
            let parentless = try daemon.request(
                "POST", "/backups", DaemonFixture.backupRequest(of: volume, incremental: true))
            #expect(parentless.status == 400 && parentless.reason == "no_parent", "\(parentless)")
            #expect(try daemon.request("PATCH", "/backups").status == 405)
            let outside = try daemon.request(
                "POST", "/manageable_volumes", ["volume": ["ref": ["source-name": "/etc/passwd"]]])
            #expect(outside.status == 400 && outside.reason == "path_not_allowed", "\(outside)")
            let managed = try daemon.request("DELETE", "/volumes/\(volume)")
            #expect(managed.status == 400 && managed.reason == "volume_not_owned", "\(managed)")
        }

        @Test func `TCP wants the token, which only its owner can read`() throws {
            var settings = DaemonSettings()
            settings.tcpPort = 0
            let daemon = try DaemonFixture(settings)
            let port = try daemon.tcpPort()
            let path = daemon.root.path("state/token")
            let token = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
            #expect(token.utf8.count == 64)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            func status(_ target: String, _ headers: [(name: String, value: String)] = []) throws -> Int {
                try RawHTTPClient(.tcp(host: "127.0.0.1", port: port)).request("GET", target, headers: headers).status
            }
            #expect(try status("/backups") == 401)
            #expect(try status("/backups", [("X-Auth-Token", "wrong")]) == 401)
            #expect(try status("/backups", [("X-Auth-Token", token)]) == 200)
            #expect(try status("/backups", [("X-Auth-Token", token + ":project")]) == 200)
            #expect(try status("/backups", [("Authorization", "Bearer " + token)]) == 200)
            #expect(try status("/healthz") == 200)
        }
    }
}

extension String {
    /// Moves a file to the images of a daemon; returns its new path.
    fileprivate func inImages(of daemon: DaemonFixture) throws -> String {
        let target = daemon.imagePath("moved")
        try FileManager.default.moveItem(atPath: self, toPath: target)
        return target
    }
}

extension DaemonFixture {
    /// Copies the container of a backup into one around it; returns the name of that.
    fileprivate static func copyOfObjects(_ daemon: DaemonFixture, of backup: String) throws -> String {
        let container = try #require(daemon.backup(backup).text("container"))
        let target = daemon.repository + "/copy/" + container
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: daemon.repository + "/" + container, toPath: target)
        return "copy"
    }
}
