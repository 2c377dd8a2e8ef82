// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// Which backups to list, in which order, and which part of them. Deleted ones are never listed.
package struct BackupQuery: Sendable, Equatable {
    /// What a list can be sorted by, as the API spells it.
    package enum Key: String, Sendable, CaseIterable {
        case id, status, size, container
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case dataTimestamp = "data_timestamp"
        case displayName = "display_name"
        case volumeID = "volume_id"
        case objectCount = "object_count"
    }

    package var name: String?
    /// A part of the name; upper and lower case differ.
    package var nameContains: String?
    package var status: BackupStatus?
    package var volumeID: ResourceID?
    package var userID: String?
    package var projectID: String?

    /// Creation and id are added in the direction of the first key, so that the order is always complete.
    /// Without any key the newest come first.
    package var sort: [Sorting<Key>] = []
    /// The page starts after this backup, which may be deleted by now and need not be in the list.
    package var marker: ResourceID?
    /// How many backups to skip, after the marker.
    package var offset = 0
    /// The most backups to return; nil means all.
    package var limit: Int?
    /// The page ends with the row with which its rows have about that many bytes together; nil means never.
    package var bytes: Int?

    package init() {}

    var filter: SQLCondition {
        SQLCondition.all([
            SQLCondition("status <> 'deleted'"),
            name.map { SQLCondition("display_name = ?", $0) },
            nameContains.map { SQLCondition("instr(display_name, ?) > 0", $0) },
            status.map { SQLCondition("status = ?", $0) },
            volumeID.map { SQLCondition("volume_id = ?", $0) },
            userID.map { SQLCondition("user_id = ?", $0) },
            projectID.map { SQLCondition("project_id = ?", $0) },
        ])
    }

    /// The condition, order and limits of this page. Throws `backupNotFound` for an unknown marker.
    func page(in tables: CatalogTables) throws -> SQLCondition {
        let order = PageOrder(sort.map { ($0.key.rawValue, $0.ascending) })
        var page = filter
        if let marker {
            guard let after = try order.after(marker, in: BackupRecord.table, tables.database) else {
                throw CatalogError.backupNotFound(marker)
            }
            page = .all([page, after])
        }
        return page.ordered(by: order, limit: limit, offset: offset)
    }
}
