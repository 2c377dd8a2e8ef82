// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// Takes the members of a record out of JSON; what it does not know it leaves.
struct RecordReader {
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
        guard !json.holdsNUL else { throw ServiceError.badRecord(reason: "it holds a NUL character") }
        guard let id = try self.id("id") else { throw bad("id", "it is null") }
        let createdAt = try time("created_at") ?? now
        var record = BackupRecord(
            id: id, volumeID: try self.id("volume_id") ?? .zero,
            parentID: json[key: "parent_id"] == "" ? nil : try self.id("parent_id"),
            status: .available, sizeGiB: try size(), createdAt: createdAt)
        record.dataTimestamp = try time("data_timestamp") ?? createdAt
        record.container = try ContainerPath(normalizing: nonEmptyText("container")).text
        record.prefix = try nonEmptyText("service_metadata")
        // Of no account once the objects have been counted, so it need not be a number.
        if case .integer(let count)? = json[key: "object_count"] { record.objectCount = Int(clamping: max(0, count)) }
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

    /// Every time that is shown has a year of four digits, in whatever zone.
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

    private func nonEmptyText(_ member: String) throws -> String {
        guard let text = try text(member), !text.isEmpty else { throw bad(member, "it is empty") }
        return text
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
