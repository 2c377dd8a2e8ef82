// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension BackupQuery: ListedQuery {
    static var kind: ResourceKind { .backup }

    static var fields: [QueryField<ListRequest<BackupQuery>>] {
        [
            .text("user_id", \.query.userID, "Belongs to this user"),
            .text("project_id", \.query.projectID, "Belongs to this project"),
            .word(
                "status", .string, \.query.status, "Is in this state; one that does not exist finds nothing",
                orNone: \.findsNothing
            ) { BackupStatus(rawValue: $0.lowercased()) },
            .word(
                "volume_id", .string, \.query.volumeID, "Is of this volume; what is no UUID finds nothing",
                orNone: \.findsNothing
            ) { ResourceID($0) },
        ]
    }
}

extension VolumeQuery: ListedQuery {
    static var kind: ResourceKind { .volume }

    static var fields: [QueryField<ListRequest<VolumeQuery>>] {
        [
            .word(
                "status", .string, \.query.status, "Is in this state; one that does not exist finds nothing",
                orNone: \.findsNothing
            ) { VolumeStatus(rawValue: $0.lowercased()) },
            .word("id", .string, \.query.id, "Has this id; what is no UUID finds nothing", orNone: \.findsNothing) {
                ResourceID($0)
            },
            .word("size", .string, \.query.sizeGiB, "Is that many GiB large, rounded up", orNone: \.findsNothing) {
                Int($0)
            },
            .optionalFlag("bootable", \.query.isBootable, "Is bootable, or is not"),
            .text("availability_zone", \.query.availabilityZone, "Has this zone"),
            .text("volume_type", \.query.volumeType, "Has this type"),
            .text("host", \.query.host, "Has this host"),
            .dictionary("metadata", \.query.userMetadata, "Has all of these among its metadata"),
            .dictionary("glance_metadata", \.query.imageMetadata, "Has all of these among its image's metadata"),
            .times("created_at", \.query.createdAt), .times("updated_at", \.query.updatedAt),
            // What is the same of all volumes.
            .constant("user_id", BackupRecord.ownerID, "Belongs to this user: all do to one", orNone: \.findsNothing),
            .constant(
                "project_id", BackupRecord.ownerID, "Belongs to this project: all do to one", orNone: \.findsNothing),
            .constant("migration_status", nil, "No volume has one", orNone: \.findsNothing),
            .constant("group_id", nil, "No volume has one", orNone: \.findsNothing),
            .constant("consumes_quota", "true", "All volumes do", orNone: \.findsNothing) {
                Bool(spelled: $0).map { $0 ? "true" : "false" } ?? $0
            },
        ]
    }
}
