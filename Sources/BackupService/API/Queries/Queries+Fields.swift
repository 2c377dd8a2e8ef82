// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension BackupQuery: ListedQuery {
    static var kind: ResourceKind { .backup }

    static var fields: [QueryField<ListRequest<BackupQuery>>] {
        [
            .text("user_id", \.query.userID, "Belongs to this user"),
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
            ) { VolumeStatus(rawValue: $0.lowercased()) }
        ]
    }
}
