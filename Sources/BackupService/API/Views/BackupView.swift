// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

/// A backup as JSON: Cinder's members in Cinder's order, then ours.
struct BackupView {
    let backup: BackupDescription
    let links: Links

    /// What `GET /backups` shows of each.
    var short: JSONValue { Self.shortForm.json(self) }
    var full: JSONValue { Self.form.json(self) }

    private var record: BackupRecord { backup.record }
}

extension BackupView {
    static let shortForm = ObjectView<BackupView>([
        ViewMember("id", .uuid) { JSONValue($0.record.id) },
        ViewMember("name", .string.orNull) { JSONValue($0.record.name) },
        ViewMember("links", .links) { $0.links.links(to: $0.record.id, in: "backups") },
    ])

    static let form = ObjectView(cinderMembers + ownMembers)

    private static let cinderMembers: [ViewMember<BackupView>] = [
        ViewMember("id", .uuid) { JSONValue($0.record.id) },
        ViewMember("status", .one(of: BackupStatus.self)) { .string($0.record.status.rawValue) },
        ViewMember("size", .count, "In GiB, rounded up") { JSONValue($0.record.sizeGiB) },
        ViewMember("object_count", .count, "Data objects, without those that describe it") {
            JSONValue($0.record.objectCount)
        },
        ViewMember("availability_zone", .string.orNull) { JSONValue($0.record.availabilityZone) },
        ViewMember("container", .string.orNull, "Where its objects are; null until a worker has chosen") {
            JSONValue($0.record.container)
        },
        ViewMember("created_at", .timestamp) { .string($0.record.createdAt.iso8601) },
        ViewMember("updated_at", .timestamp.orNull) { JSONValue($0.record.updatedAt?.iso8601) },
        ViewMember("name", .string.orNull) { JSONValue($0.record.name) },
        ViewMember("description", .string.orNull) { JSONValue($0.record.details) },
        ViewMember("fail_reason", .string.orNull, "A sentence") { JSONValue($0.record.failReason) },
        ViewMember("volume_id", .uuid) { JSONValue($0.record.volumeID) },
        ViewMember("links", .links) { $0.links.links(to: $0.record.id, in: "backups") },
        ViewMember("is_incremental", .boolean) { .bool($0.record.parentID != nil) },
        ViewMember("has_dependent_backups", .boolean) { .bool($0.backup.hasDependents) },
        ViewMember("snapshot_id", .string.orNull) { JSONValue($0.record.snapshotID) },
        ViewMember("data_timestamp", .timestamp, "When the saved data were current") {
            .string($0.record.dataTimestamp.iso8601)
        },
        ViewMember("os-backup-project-attr:project_id", .string) { .string($0.record.projectID) },
        ViewMember("metadata", .strings) { JSONValue($0.record.userMetadata) },
        ViewMember("user_id", .string) { .string($0.record.userID) },
        .optional("encryption_key_id", .string) { JSONValue($0.record.encryptionKeyID) },
    ]

    private static let ownMembers: [ViewMember<BackupView>] = [
        ViewMember("parent_id", .uuid.orNull, "The backup that this one is an increment on") {
            JSONValue($0.record.parentID)
        },
        ViewMember("size_bytes", .count.orNull, "The exact length of the volume, where it is known") {
            JSONValue($0.record.sizeBytes)
        },
        ViewMember("stored_bytes", .count.orNull, "What its objects take, where it is known") {
            JSONValue($0.record.storedBytes)
        },
        ViewMember("compression", .string.orNull, "The algorithm that was configured; null for an imported backup") {
            JSONValue($0.record.compression)
        },
        ViewMember("remark", .string.orNull, "A sentence that is no failure") { JSONValue($0.record.remark) },
        ViewMember("protected", .boolean, "Whether it is kept from deletion while it is `available`") {
            .bool($0.record.isProtected)
        },
        ViewMember("progress", .named("Progress")) { $0.backup.progress.json },
    ]
}
