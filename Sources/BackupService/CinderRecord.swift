// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation

/// A backup's record as Cinder exports and imports it: base64 of a JSON object with the fields of Cinder's
/// Backup object (version 1.7), no more: a derived member makes Cinder's import fail.
enum CinderRecord {
    /// Names of the drivers for repositories in a directory: Cinder's drivers for NFS and GlusterFS are its POSIX
    /// driver on what they mount. The short forms are from before 2018.
    static let posixServices: Set<String> = [
        BackupRecord.posixService, "cinder.backup.drivers.posix",
        "cinder.backup.drivers.nfs.NFSBackupDriver", "cinder.backup.drivers.nfs",
        "cinder.backup.drivers.glusterfs.GlusterfsBackupDriver", "cinder.backup.drivers.glusterfs",
    ]

    /// The longest `backup_url` that a request to import it has room for.
    static let longestURL = Operation.recordBytes - 4096

    static func encode(_ record: BackupRecord, childCount: Int) -> String {
        let json: JSONValue = [
            "id": JSONValue(record.id), "user_id": .string(record.userID), "project_id": .string(record.projectID),
            "volume_id": JSONValue(record.volumeID), "host": JSONValue(record.host),
            "availability_zone": JSONValue(record.availabilityZone), "container": JSONValue(record.container),
            "parent_id": JSONValue(record.parentID), "status": .string(record.status.rawValue),
            "fail_reason": JSONValue(record.failReason), "size": JSONValue(max(1, record.sizeGiB)),
            "display_name": JSONValue(record.name), "display_description": JSONValue(record.details),
            "service_metadata": JSONValue(record.prefix), "service": .string(record.service),
            "object_count": JSONValue(record.objectCount), "temp_volume_id": nil, "temp_snapshot_id": nil,
            "num_dependent_backups": JSONValue(childCount), "snapshot_id": JSONValue(record.snapshotID),
            "data_timestamp": .string(record.dataTimestamp.iso8601 + "Z"),
            "restore_volume_id": JSONValue(record.restoreVolumeID), "metadata": JSONValue(record.userMetadata),
            "encryption_key_id": JSONValue(record.encryptionKeyID),
            "created_at": .string(record.createdAt.iso8601 + "Z"),
            "updated_at": record.updatedAt.map { .string($0.iso8601 + "Z") } ?? nil,
            "deleted_at": nil, "deleted": false,
            "driver_info": [:], "size_bytes": JSONValue(record.sizeBytes),
        ]
        return Data(json.utf8).base64EncodedString()
    }

    /// Reads a record as people and programs carry it around: base64 with or without line breaks and padding, in either
    /// alphabet. Text in it that is none, half a surrogate pair or bytes that are not UTF-8, becomes U+FFFD.
    /// - Throws: `ServiceError.badRecord`.
    static func decode(_ url: String, now: Timestamp) throws -> BackupRecord {
        guard let data = data(base64: url), !data.isEmpty else {
            throw ServiceError.badRecord(reason: "backup_url is not base64")
        }
        let text = data.starts(with: byteOrderMark) ? data.dropFirst(byteOrderMark.count) : data
        do {
            return try RecordReader(JSONValue(parsing: [UInt8](text), badText: .replaced)).record(now: now)
        } catch let error as JSONError {
            throw ServiceError.badRecord(reason: "\(error)")
        }
    }

    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    /// RFC 4648 §4 and §5. What is in neither alphabet is passed over, as Python passes over it.
    private static func data(base64 text: String) -> Data? {
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                digits.append(byte)
            case UInt8(ascii: "-"): digits.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): digits.append(UInt8(ascii: "/"))
            default: break
            }
        }
        while digits.count % 4 != 0 { digits.append(UInt8(ascii: "=")) }
        return Data(base64Encoded: Data(digits))
    }
}
