// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupRecord {
    static let table = "backups"

    /// Without `begun_at`, `ended_at`, `made`, `inspection` and `damaged_at`, which are the catalog's own affair.
    static let columns = [
        "id", "volume_id", "parent_id", "status", "container", "service_metadata", "object_count", "size", "size_bytes",
        "stored_bytes", "compression", "display_name", "display_description", "metadata", "fail_reason", "remark",
        "service", "host", "availability_zone", "user_id", "project_id", "snapshot_id", "encryption_key_id",
        "created_at", "updated_at", "deleted_at", "data_timestamp", "job_number", "job_begun", "restore_volume_id",
        "restore_cancelled", "deleted_from", "must_be_found", "may_hold_metadata", "protected",
    ]

    private static let positions = Dictionary(uniqueKeysWithValues: zip(columns, columns.indices))

    /// The values of `columns`, in their order.
    var columnValues: [(any DatabaseValueConvertible)?] {
        [
            id, volumeID, parentID, status, container, prefix, objectCount, sizeGiB, sizeBytes,
            storedBytes, compression, name, details, JSONColumn(userMetadata), failReason, remark,
            service, host, availabilityZone, userID, projectID, snapshotID, encryptionKeyID,
            createdAt, updatedAt, deletedAt, dataTimestamp, jobNumber, jobBegun, restoreVolumeID,
            restoreCancelled, deletedFrom, mustBeFound, mayHoldMetadata, isProtected,
        ]
    }

    /// Reads a row that begins with `columns`.
    init(row: Row) throws {
        let reader = RowReader(table: Self.table, positions: Self.positions, row: row)
        self.init(
            id: try reader.value("id"), volumeID: try reader.value("volume_id"),
            parentID: try reader.optional("parent_id"), status: try reader.value("status"),
            sizeGiB: try reader.value("size"), createdAt: try reader.value("created_at"))
        try readData(reader)
        try readDescription(reader)
        try readJob(reader)
    }

    private mutating func readData(_ reader: RowReader) throws {
        container = try reader.optional("container")
        prefix = try reader.optional("service_metadata")
        objectCount = try reader.value("object_count")
        sizeBytes = try reader.optional("size_bytes")
        storedBytes = try reader.optional("stored_bytes")
        compression = try reader.optional("compression")
        service = try reader.value("service")
        encryptionKeyID = try reader.optional("encryption_key_id")
        dataTimestamp = try reader.value("data_timestamp")
    }

    private mutating func readDescription(_ reader: RowReader) throws {
        name = try reader.optional("display_name")
        details = try reader.optional("display_description")
        let metadata: JSONColumn = try reader.value("metadata")
        userMetadata = metadata.dictionary
        failReason = try reader.optional("fail_reason")
        remark = try reader.optional("remark")
        host = try reader.optional("host")
        availabilityZone = try reader.optional("availability_zone")
        userID = try reader.value("user_id")
        projectID = try reader.value("project_id")
        snapshotID = try reader.optional("snapshot_id")
        updatedAt = try reader.optional("updated_at")
        deletedAt = try reader.optional("deleted_at")
        isProtected = try reader.value("protected")
    }

    private mutating func readJob(_ reader: RowReader) throws {
        jobNumber = try reader.value("job_number")
        jobBegun = try reader.value("job_begun")
        restoreVolumeID = try reader.optional("restore_volume_id")
        restoreCancelled = try reader.value("restore_cancelled")
        deletedFrom = try reader.optional("deleted_from")
        mustBeFound = try reader.value("must_be_found")
        mayHoldMetadata = try reader.value("may_hold_metadata")
    }
}
