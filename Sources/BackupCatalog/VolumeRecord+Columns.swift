// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension VolumeRecord {
    static let table = "volumes"

    /// Without `busy_with`, which is the catalog's own affair.
    static let columns = [
        "id", "status", "source", "device", "identity", "restore_file", "is_owned", "size_bytes", "display_name",
        "display_description", "metadata", "volume_glance_metadata", "bootable", "encryption_key_id", "host",
        "volume_type", "availability_zone", "fail_reason", "target_written", "created_at", "updated_at",
    ]

    private static let positions = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))

    /// The values of `columns`, in their order.
    var columnValues: [(any DatabaseValueConvertible)?] {
        [
            id, status, source, device.map { DeviceColumn($0) }, identity.map { IdentityColumn($0) }, restoreFile,
            isOwned, sizeBytes, name, details, JSONColumn(userMetadata), JSONColumn(imageMetadata), isBootable,
            encryptionKeyID, host, volumeType, availabilityZone, failReason, targetWritten, createdAt, updatedAt,
        ]
    }

    /// Reads a row that begins with `columns`.
    init(row: Row) throws {
        let reader = RowReader(table: Self.table, positions: Self.positions, row: row)
        self.init(
            id: try reader.value("id"), source: try reader.value("source"), sizeBytes: try reader.value("size_bytes"),
            isOwned: try reader.value("is_owned"), createdAt: try reader.value("created_at"))
        status = try reader.value("status")
        let device: DeviceColumn? = try reader.optional("device")
        self.device = device?.number
        let identity: IdentityColumn? = try reader.optional("identity")
        self.identity = identity?.identity
        restoreFile = try reader.optional("restore_file")
        try readDescription(reader)
    }

    private mutating func readDescription(_ reader: RowReader) throws {
        name = try reader.optional("display_name")
        details = try reader.optional("display_description")
        let metadata: JSONColumn = try reader.value("metadata")
        userMetadata = metadata.dictionary
        let imageMetadata: JSONColumn = try reader.value("volume_glance_metadata")
        self.imageMetadata = imageMetadata.dictionary
        isBootable = try reader.value("bootable")
        encryptionKeyID = try reader.optional("encryption_key_id")
        host = try reader.optional("host")
        volumeType = try reader.optional("volume_type")
        availabilityZone = try reader.optional("availability_zone")
        failReason = try reader.optional("fail_reason")
        targetWritten = try reader.optional("target_written")
        updatedAt = try reader.optional("updated_at")
    }
}
