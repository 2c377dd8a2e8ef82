// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation

/// A backup's record as Cinder exports and imports it: base64 of a JSON object with the fields of Cinder's
/// Backup object (version 1.7), no more: a derived member makes Cinder's import fail.
enum CinderRecord {
    /// Names of the driver for repositories in a directory, today's and the one from before 2018.
    static let posixServices: Set<String> = [BackupRecord.posixService, "cinder.backup.drivers.posix"]

    static func encode(_ record: BackupRecord, childCount: Int) -> String {
        let json: JSONValue = [
            "id": JSONValue(record.id), "user_id": .string(record.userID), "project_id": .string(record.projectID),
            "volume_id": JSONValue(record.volumeID), "host": JSONValue(record.host),
            "availability_zone": JSONValue(record.availabilityZone), "container": JSONValue(record.container),
            "parent_id": JSONValue(record.parentID), "status": .string(record.status.rawValue),
            "fail_reason": JSONValue(record.failReason), "size": JSONValue(max(1, record.sizeGiB)),
            "display_name": JSONValue(record.name), "display_description": JSONValue(record.details),
            "service_metadata": JSONValue(record.prefix), "service": .string(record.service),
            "object_count": JSONValue(record.objectCount), "temp_volume_id": nil, "temp_snapshot_id": nil,
            "num_dependent_backups": JSONValue(childCount), "snapshot_id": JSONValue(record.snapshotID),
            "data_timestamp": .string(record.dataTimestamp.iso8601 + "Z"),
            "restore_volume_id": JSONValue(record.restoreVolumeID), "metadata": JSONValue(record.userMetadata),
            "encryption_key_id": JSONValue(record.encryptionKeyID),
            "created_at": .string(record.createdAt.iso8601 + "Z"),
            "updated_at": record.updatedAt.map { .string($0.iso8601 + "Z") } ?? nil,
            "deleted_at": nil, "deleted": false,
            "driver_info": [:], "size_bytes": JSONValue(record.sizeBytes),
        ]
        return Data(json.utf8).base64EncodedString()
    }

    /// - Throws: `ServiceError.badRecord`.
    static func decode(_ url: String, now: Timestamp) throws -> BackupRecord {
        guard let data = Data(base64Encoded: url, options: .ignoreUnknownCharacters), !data.isEmpty else {
            throw ServiceError.badRecord(reason: "backup_url is not base64")
        }
        do {
            return try RecordReader(JSONValue(parsing: [UInt8](data))).record(now: now)
        } catch let error as JSONError {
            throw ServiceError.badRecord(reason: "\(error)")
        }
    }
}

/// Takes the members of a record out of JSON; what it does not know it leaves.
private struct RecordReader {
    let json: JSONValue

    init(_ json: JSONValue) throws {
        guard case .object = json else { throw ServiceError.badRecord(reason: "it is no JSON object") }
        for member in Self.required where json[key: member] == nil {
            throw ServiceError.badRecord(reason: "\"\(member)\" is missing")
        }
        self.json = json
    }

    /// What Cinder's import wants to find, too.
    private static let required = [
        "id", "size", "display_name", "display_description", "container", "service_metadata", "object_count",
    ]

    func record(now: Timestamp) throws -> BackupRecord {
        guard let id = try self.id("id") else { throw bad("id", "it is null") }
        let createdAt = try time("created_at") ?? now
        var record = BackupRecord(
            id: id, volumeID: try self.id("volume_id") ?? .zero, parentID: try self.id("parent_id"),
            status: .available, sizeGiB: try size(), createdAt: createdAt)
        record.dataTimestamp = try time("data_timestamp") ?? createdAt
        record.container = try text("container")
        record.prefix = try text("service_metadata")
        guard record.container?.isEmpty == false else { throw bad("container", "it is empty") }
        guard record.prefix?.isEmpty == false else { throw bad("service_metadata", "it is empty") }
        guard !json.holdsNUL else { throw ServiceError.badRecord(reason: "it holds a NUL character") }
        record.sizeBytes = try integer("size_bytes")
        record.name = try text("display_name")
        record.details = try text("display_description")
        record.userMetadata = try dictionary("metadata")
        record.host = try text("host")
        record.availabilityZone = try text("availability_zone")
        record.userID = try text("user_id") ?? BackupRecord.ownerID
        record.projectID = try text("project_id") ?? BackupRecord.ownerID
        record.snapshotID = try text("snapshot_id")
        record.encryptionKeyID = try text("encryption_key_id")
        record.updatedAt = try time("updated_at")
        return record
    }

    /// Later backups get later times, and all of them must have a year of four digits.
    private static let endOfTime = Timestamp("9000-01-01T00:00:00") ?? Timestamp(microseconds: .max)

    private func size() throws -> Int {
        let size = try integer("size") ?? 1
        guard (0...Int64(1) << 31).contains(size) else { throw bad("size", "\(size) is out of bounds") }
        return max(1, Int(size))
    }

    private func id(_ member: String) throws -> ResourceID? {
        guard let text = try text(member) else { return nil }
        guard let id = ResourceID(text) else { throw bad(member, "\(text.prefix(80)) is not a UUID") }
        return id
    }

    private func time(_ member: String) throws -> Timestamp? {
        guard let text = try text(member), text != "None" else { return nil }
        guard let time = Timestamp(text), time < Self.endOfTime else {
            throw bad(member, "\(text.prefix(80)) is not a time")
        }
        return time
    }

    private func text(_ member: String) throws -> String? {
        switch json[key: member] {
        case nil, .null: return nil
        case .string(let text):
            guard text.utf8.count <= 4096 else { throw bad(member, "it is longer than 4096 bytes") }
            return text
        case .some: throw bad(member, "a string was expected")
        }
    }

    private func integer(_ member: String) throws -> Int64? {
        switch json[key: member] {
        case nil, .null: return nil
        case .integer(let value) where value >= 0: return value
        case .some: throw bad(member, "a whole number was expected")
        }
    }

    private func dictionary(_ member: String) throws -> [String: String] {
        switch json[key: member] {
        case nil, .null: return [:]
        case .object(let members):
            var dictionary: [String: String] = [:]
            for entry in members {
                guard case .string(let text) = entry.value else { throw bad(member, "\"\(entry.key)\" is no string") }
                dictionary[entry.key] = text
            }
            return dictionary
        case .some: throw bad(member, "an object was expected")
        }
    }

    private func bad(_ member: String, _ reason: String) -> ServiceError {
        .badRecord(reason: "\"\(member)\": \(reason)")
    }
}
