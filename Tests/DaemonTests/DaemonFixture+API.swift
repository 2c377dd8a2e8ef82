// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

extension DaemonFixture {
    /// An answer, or the state of something, that the test cannot go on with.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// How long a job may take before a test gives up.
    static var patience: Duration { isSoak ? .seconds(3600) : .seconds(120) }

    // MARK: - Requests

    func client() throws -> RawHTTPClient { try RawHTTPClient(address) }

    /// The port that the system chose, where `tcpPort` of the settings is 0.
    func tcpPort() throws -> UInt16 {
        var port: UInt16?
        _ = eventually {
            port = log.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
            return port != nil
        }
        return try #require(port)
    }

    func request(_ method: String, _ target: String, _ body: JSONValue? = nil) throws -> DaemonAnswer {
        let headers = body == nil ? [] : [(name: "Content-Type", value: "application/json")]
        return try DaemonAnswer(client().request(method, target, headers: headers, body: body?.utf8 ?? []))
    }

    /// The member `key` of an answer with this status.
    private func request(
        _ method: String, _ target: String, _ body: JSONValue? = nil, expecting status: Int, _ key: String
    ) throws -> JSONValue {
        let answer = try request(method, target, body)
        guard answer.status == status, let value = answer.json[key: key] else {
            throw Unexpected("\(method) \(target) \(body?.text ?? "") was answered by \(answer)")
        }
        return value
    }

    // MARK: - Volumes

    func register(_ path: String, id: String? = nil, name: String? = nil) throws -> String {
        var volume: [JSONValue.Member] = [.init("ref", ["source-name": .string(path)])]
        if let id { volume.append(.init("id", .string(id))) }
        if let name { volume.append(.init("name", .string(name))) }
        return try Self.id(
            request("POST", "/manageable_volumes", ["volume": .object(volume)], expecting: 202, "volume"))
    }

    /// Makes an image file and registers it.
    func register(_ image: VolumeImage, name: String) throws -> String {
        let path = imagePath(name)
        try image.write(to: path)
        return try register(path)
    }

    func imagePath(_ name: String) -> String { root.path("images/\(name)") }

    func volume(_ id: String) throws -> JSONValue {
        try request("GET", "/volumes/\(id)", expecting: 200, "volume")
    }

    func source(of volume: String) throws -> String {
        guard let source = try self.volume(volume).text("source") else { throw Unexpected("no source") }
        return source
    }

    @discardableResult
    func wait(forVolume id: String, toBe status: String, within deadline: Duration = patience) throws -> JSONValue {
        var last: JSONValue = nil
        let isSo = try eventually(within: deadline) {
            last = try volume(id)
            return last.text("status") == status
        }
        guard isSo else { throw Unexpected("volume \(id) did not become \(status): \(last.text)") }
        return last
    }

    // MARK: - Backups

    func createBackup(
        of volume: String, incremental: Bool = false, container: String? = nil, force: Bool = false,
        name: String? = nil
    ) throws -> JSONValue {
        let body = Self.backupRequest(
            of: volume, incremental: incremental, container: container, force: force, name: name)
        return try request("POST", "/backups", body, expecting: 202, "backup")
    }

    static func backupRequest(
        of volume: String, incremental: Bool = false, container: String? = nil, force: Bool = false,
        name: String? = nil
    ) -> JSONValue {
        var backup: [JSONValue.Member] = [
            .init("volume_id", .string(volume)), .init("incremental", .bool(incremental)),
            .init("force", .bool(force)),
        ]
        if let container { backup.append(.init("container", .string(container))) }
        if let name { backup.append(.init("name", .string(name))) }
        return ["backup": .object(backup)]
    }

    /// Asks for a backup; returns its id.
    func startBackup(of volume: String, incremental: Bool = false) throws -> String {
        try Self.id(createBackup(of: volume, incremental: incremental))
    }

    /// Makes a backup, and waits until it is complete.
    func backUp(
        _ volume: String, incremental: Bool = false, container: String? = nil, force: Bool = false
    ) throws -> String {
        let id = try Self.id(
            createBackup(of: volume, incremental: incremental, container: container, force: force))
        try wait(for: id, toBe: "available")
        return id
    }

    func backup(_ id: String) throws -> JSONValue { try request("GET", "/backups/\(id)", expecting: 200, "backup") }

    func status(of backup: String) throws -> String { try self.backup(backup).text("status") ?? "" }

    @discardableResult
    func wait(for id: String, toBe status: String, within deadline: Duration = patience) throws -> JSONValue {
        var last: JSONValue = nil
        let isSo = try eventually(within: deadline) {
            last = try backup(id)
            let now = last.text("status")
            if now == "error", status != "error" { throw Unexpected("backup \(id) failed: \(last.text)") }
            return now == status
        }
        guard isSo else { throw Unexpected("backup \(id) did not become \(status): \(last.text)") }
        return last
    }

    func list(_ target: String) throws -> [JSONValue] {
        let answer = try request("GET", target)
        guard answer.status == 200 else { throw Unexpected("GET \(target) was answered by \(answer)") }
        return answer.json.list(target.contains("volumes") ? "volumes" : "backups")
    }

    func delete(_ id: String) throws -> DaemonAnswer { try request("DELETE", "/backups/\(id)") }

    func waitUntilGone(_ id: String, within deadline: Duration = patience) throws {
        let isGone = try eventually(within: deadline) { try request("GET", "/backups/\(id)").status == 404 }
        guard isGone else { throw Unexpected("backup \(id) is still there: \(try backup(id).text)") }
    }

    func reset(_ id: String, to status: String) throws -> DaemonAnswer {
        try request("POST", "/backups/\(id)/action", ["os-reset_status": ["status": .string(status)]])
    }

    // MARK: - Restores

    func askForRestore(of id: String, to volume: String? = nil) throws -> DaemonAnswer {
        try request("POST", "/backups/\(id)/restore", ["restore": ["volume_id": JSONValue(volume)]])
    }

    /// Asks for a restore, which must be accepted; returns the id of the volume.
    func startRestore(of id: String, to volume: String? = nil) throws -> String {
        let answer = try askForRestore(of: id, to: volume)
        guard answer.status == 202, let volume = answer.json[key: "restore"]?.text("volume_id") else {
            throw Unexpected("restore of \(id) was answered by \(answer)")
        }
        return volume
    }

    /// Restores, and waits until it has ended, however it ended; returns the volume.
    func restore(_ id: String, to volume: String? = nil) throws -> JSONValue {
        let volume = try startRestore(of: id, to: volume)
        var last: JSONValue = nil
        let hasEnded = try eventually(within: Self.patience) {
            last = try self.volume(volume)
            return last.text("status") != "restoring-backup"
        }
        guard hasEnded else { throw Unexpected("restore of \(id) did not end: \(last.text)") }
        return last
    }

    /// Restores to a new volume, which must succeed; returns the path of the image.
    func restoreToNewImage(_ id: String) throws -> String {
        let volume = try restore(id)
        guard volume.text("status") == "available", let source = volume.text("source") else {
            throw Unexpected("restore of \(id) failed: \(volume.text)")
        }
        return source
    }

    static func id(_ object: JSONValue) throws -> String {
        guard let id = object.text("id") else { throw Unexpected("no id in \(object.text)") }
        return id
    }
}
