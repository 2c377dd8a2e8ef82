// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A volume as JSON: the members of Cinder's that clients need, then ours.
struct VolumeView {
    let volume: VolumeDescription
    let links: Links

    /// What `GET /volumes` shows of each.
    var short: JSONValue {
        [
            "id": JSONValue(volume.record.id), "name": JSONValue(volume.record.name),
            "links": links.links(to: volume.record.id, in: "volumes"),
        ]
    }

    var full: JSONValue { .object(cinderMembers + ownMembers) }

    private var cinderMembers: [JSONValue.Member] {
        let record = volume.record
        var members: [JSONValue.Member] = [
            .init("id", JSONValue(record.id)),
            .init("status", .string(volume.status.rawValue)),
            .init("size", JSONValue(record.sizeGiB)),
            .init("availability_zone", JSONValue(record.availabilityZone)),
            .init("created_at", .string(record.createdAt.iso8601)),
            .init("updated_at", JSONValue(record.updatedAt?.iso8601)),
            .init("name", JSONValue(record.name)),
            .init("description", JSONValue(record.details)),
            .init("volume_type", JSONValue(record.volumeType)),
            .init("metadata", JSONValue(record.userMetadata)),
            .init("attachments", []),
            .init("bootable", .string(record.isBootable ? "true" : "false")),
            .init("encrypted", .bool(record.encryptionKeyID != nil)),
            .init("multiattach", false),
            .init("snapshot_id", nil),
            .init("source_volid", nil),
            .init("consistencygroup_id", nil),
            .init("replication_status", nil),
            .init("user_id", .string(BackupRecord.ownerID)),
            .init("os-vol-host-attr:host", JSONValue(record.host)),
            .init("os-vol-tenant-attr:tenant_id", .string(BackupRecord.ownerID)),
            .init("links", links.links(to: record.id, in: "volumes")),
        ]
        if let key = record.encryptionKeyID { members.append(.init("encryption_key_id", .string(key))) }
        if !record.imageMetadata.isEmpty {
            members.append(.init("volume_image_metadata", JSONValue(record.imageMetadata)))
        }
        return members
    }

    private var ownMembers: [JSONValue.Member] {
        let record = volume.record
        return [
            .init("size_bytes", JSONValue(record.sizeBytes)),
            .init("source", .string(record.source)),
            .init("fail_reason", JSONValue(record.failReason)),
            .init("target_written", record.targetWritten.map { .bool($0) } ?? nil),
        ]
    }
}
