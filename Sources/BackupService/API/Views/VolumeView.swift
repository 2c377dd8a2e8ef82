// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A volume as JSON: the members of Cinder's that clients need, then ours.
struct VolumeView {
    let volume: VolumeDescription
    let links: Links

    /// What `GET /volumes` shows of each.
    var short: JSONValue { Self.shortForm.json(self) }
    var full: JSONValue { Self.form.json(self) }

    private var record: VolumeRecord { volume.record }
}

extension VolumeView {
    static let shortForm = ObjectView<VolumeView>([
        ViewMember("id", .uuid) { JSONValue($0.record.id) },
        ViewMember("name", .string.orNull) { JSONValue($0.record.name) },
        ViewMember("links", .links) { $0.links.links(to: $0.record.id, in: "volumes") },
    ])

    static let form = ObjectView(cinderMembers + ownMembers)

    private static let cinderMembers: [ViewMember<VolumeView>] = [
        ViewMember("id", .uuid) { JSONValue($0.record.id) },
        ViewMember("status", .one(of: VolumeStatus.self)) { .string($0.volume.status.rawValue) },
        ViewMember("size", .count, "In GiB, rounded up") { JSONValue($0.record.sizeGiB) },
        ViewMember("availability_zone", .string.orNull) { JSONValue($0.record.availabilityZone) },
        ViewMember("created_at", .timestamp) { .string($0.record.createdAt.iso8601) },
        ViewMember("updated_at", .timestamp.orNull) { JSONValue($0.record.updatedAt?.iso8601) },
        ViewMember("name", .string.orNull) { JSONValue($0.record.name) },
        ViewMember("description", .string.orNull) { JSONValue($0.record.details) },
        ViewMember("volume_type", .string.orNull) { JSONValue($0.record.volumeType) },
        ViewMember("metadata", .strings) { JSONValue($0.record.userMetadata) },
        ViewMember("attachments", .list(of: Schema([:])), "Always empty") { _ in [] },
        ViewMember("bootable", .one(of: ["true", "false"])) { .string($0.record.isBootable ? "true" : "false") },
        ViewMember("encrypted", .boolean) { .bool($0.record.encryptionKeyID != nil) },
        ViewMember("multiattach", .boolean) { _ in false },
        ViewMember("snapshot_id", .null) { _ in nil },
        ViewMember("source_volid", .null) { _ in nil },
        ViewMember("consistencygroup_id", .null) { _ in nil },
        ViewMember("replication_status", .null) { _ in nil },
        ViewMember("user_id", .string) { _ in .string(BackupRecord.ownerID) },
        ViewMember("os-vol-host-attr:host", .string.orNull) { JSONValue($0.record.host) },
        ViewMember("os-vol-tenant-attr:tenant_id", .string) { _ in .string(BackupRecord.ownerID) },
        ViewMember("links", .links) { $0.links.links(to: $0.record.id, in: "volumes") },
        .optional("encryption_key_id", .string) { JSONValue($0.record.encryptionKeyID) },
        .optional("volume_image_metadata", .strings) {
            $0.record.imageMetadata.isEmpty ? nil : JSONValue($0.record.imageMetadata)
        },
    ]

    private static let ownMembers: [ViewMember<VolumeView>] = [
        ViewMember("size_bytes", .count, "The exact length") { JSONValue($0.record.sizeBytes) },
        ViewMember("source", .string, "The path of the image file or block device") { .string($0.record.source) },
        ViewMember("fail_reason", .string.orNull, "Why the last restore to it failed: a sentence") {
            JSONValue($0.record.failReason)
        },
        ViewMember("target_written", .boolean.orNull, "Whether that restore had written anything by then") {
            $0.record.targetWritten.map { .bool($0) } ?? nil
        },
    ]
}
