// SPDX-License-Identifier: Apache-2.0

import BackupModel

/// Which volumes to list, in which order, and which part of them.
package struct VolumeQuery: Sendable, Equatable {
    /// What a list can be sorted by, as the API spells it.
    package enum Key: String, Sendable, CaseIterable {
        case id, status, size
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case displayName = "display_name"

        var column: String { self == .size ? "size_bytes" : rawValue }
    }

    package var name: String?
    /// A part of the name; upper and lower case differ.
    package var nameContains: String?
    /// A status as stored: `in-use` never is.
    package var status: VolumeStatus?
    package var id: ResourceID?
    package var isBootable: Bool?
    package var sizeGiB: Int?
    package var host: String?
    package var volumeType: String?
    package var availabilityZone: String?
    /// All of these must be among its metadata, with these values.
    package var userMetadata: [String: String] = [:]
    package var imageMetadata: [String: String] = [:]
    package var createdAt: [TimeComparison] = []
    package var updatedAt: [TimeComparison] = []

    /// Creation and id are added in the direction of the first key, so that the order is always complete.
    /// Without any key the newest come first.
    package var sort: [Sorting<Key>] = []
    /// The page starts after this volume, which need not be in the list.
    package var marker: ResourceID?
    /// How many volumes to skip, after the marker.
    package var offset = 0
    /// The most volumes to return; nil means all.
    package var limit: Int?
    /// The page ends with the row with which its rows have about that many bytes together; nil means never.
    package var bytes: Int?

    package init() {}

    var filter: SQLCondition {
        SQLCondition.all(
            [
                name.map { SQLCondition("display_name = ?", $0) },
                nameContains.map { SQLCondition("instr(display_name, ?) > 0", $0) },
                status.map { SQLCondition("status = ?", $0) },
                id.map { SQLCondition("id = ?", $0) },
                isBootable.map { SQLCondition("bootable = ?", $0) },
                sizeGiB.map { SQLCondition("\(Self.gibibytes) = ?", $0) },
                host.map { SQLCondition("host = ?", $0) },
                volumeType.map { SQLCondition("volume_type = ?", $0) },
                availabilityZone.map { SQLCondition("availability_zone = ?", $0) },
            ] + holds(userMetadata, "metadata") + holds(imageMetadata, "volume_glance_metadata")
                + createdAt.map { $0.condition(on: "created_at") } + updatedAt.map { $0.condition(on: "updated_at") })
    }

    /// As `VolumeRecord.sizeGiB`.
    private static let gibibytes = "max(1, size_bytes / 1073741824 + (size_bytes % 1073741824 > 0))"

    private func holds(_ members: [String: String], _ column: String) -> [SQLCondition?] {
        members.map { key, value in
            SQLCondition("EXISTS (SELECT 1 FROM json_each(volumes.\(column)) WHERE key = ? AND value = ?)", key, value)
        }
    }

    /// The condition, order and limits of this page. Throws `volumeNotFound` for an unknown marker.
    func page(in tables: CatalogTables) throws -> SQLCondition {
        let order = PageOrder(sort.map { ($0.key.column, $0.ascending) })
        var page = filter
        if let marker {
            guard let after = try order.after(marker, in: VolumeRecord.table, tables.database) else {
                throw CatalogError.volumeNotFound(marker)
            }
            page = .all([page, after])
        }
        return page.ordered(by: order, limit: limit, offset: offset)
    }
}
