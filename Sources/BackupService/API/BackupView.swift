// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

/// A backup as JSON: Cinder's members in Cinder's order, then ours.
struct BackupView {
    let backup: BackupDescription
    let links: Links

    /// What `GET /backups` shows of each.
    var short: JSONValue {
        [
            "id": JSONValue(backup.record.id), "name": JSONValue(backup.record.name),
            "links": links.links(to: backup.record.id, in: "backups"),
        ]
    }

    var full: JSONValue { .object(cinderMembers + ownMembers) }

    private var cinderMembers: [JSONValue.Member] {
        let record = backup.record
        var members: [JSONValue.Member] = [
            .init("id", JSONValue(record.id)),
            .init("status", .string(record.status.rawValue)),
            .init("size", JSONValue(record.sizeGiB)),
            .init("object_count", JSONValue(record.objectCount)),
            .init("availability_zone", JSONValue(record.availabilityZone)),
            .init("container", JSONValue(record.container)),
            .init("created_at", .string(record.createdAt.iso8601)),
            .init("updated_at", JSONValue(record.updatedAt?.iso8601)),
            .init("name", JSONValue(record.name)),
            .init("description", JSONValue(record.details)),
            .init("fail_reason", JSONValue(record.failReason)),
            .init("volume_id", JSONValue(record.volumeID)),
            .init("links", links.links(to: record.id, in: "backups")),
            .init("is_incremental", .bool(record.parentID != nil)),
            .init("has_dependent_backups", .bool(backup.hasDependents)),
            .init("snapshot_id", JSONValue(record.snapshotID)),
            .init("data_timestamp", .string(record.dataTimestamp.iso8601)),
            .init("os-backup-project-attr:project_id", .string(record.projectID)),
            .init("metadata", JSONValue(record.userMetadata)),
            .init("user_id", .string(record.userID)),
        ]
        if let key = record.encryptionKeyID { members.append(.init("encryption_key_id", .string(key))) }
        return members
    }

    private var ownMembers: [JSONValue.Member] {
        let record = backup.record
        return [
            .init("parent_id", JSONValue(record.parentID)),
            .init("size_bytes", JSONValue(record.sizeBytes)),
            .init("stored_bytes", JSONValue(record.storedBytes)),
            .init("compression", JSONValue(record.compression)),
            .init("remark", JSONValue(record.remark)),
            .init("progress", backup.progress.json),
        ]
    }
}
