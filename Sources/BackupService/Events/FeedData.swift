// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What events say, as JSON (docs/api.md, "Watching").
enum FeedData {
    static func status(_ backup: BackupRecord, _ report: ProgressReport) -> JSONValue {
        .object(members(of: backup, failReason: backup.failReason) + [.init("progress", report.json)])
    }

    static func progress(_ backup: BackupRecord, _ report: ProgressReport) -> JSONValue {
        [
            "backup_id": JSONValue(backup.id), "volume_id": JSONValue(backup.volumeID),
            "status": .string(backup.status.rawValue), "progress": report.json,
        ]
    }

    /// - Parameter ending: nil where there was no job.
    static func end(_ backup: BackupRecord, _ report: ProgressReport, _ ending: JobEnding?) -> JSONValue {
        let reason = ending == nil ? backup.failReason : ending?.failReason
        return .object(
            members(of: backup, failReason: reason) + [
                .init("succeeded", ending.map { .bool($0.succeeded) } ?? nil), .init("progress", report.json),
            ])
    }

    /// - Parameter status: nil for a volume that is no more.
    static func volume(_ volume: VolumeRecord, status: VolumeStatus?) -> JSONValue {
        [
            "volume_id": JSONValue(volume.id), "name": JSONValue(volume.name),
            "status": .string(status?.rawValue ?? "deleted"), "size_bytes": JSONValue(volume.sizeBytes),
            "fail_reason": JSONValue(volume.failReason),
            "target_written": volume.targetWritten.map { .bool($0) } ?? nil,
        ]
    }

    private static func members(of backup: BackupRecord, failReason: String?) -> [JSONValue.Member] {
        [
            .init("backup_id", JSONValue(backup.id)), .init("volume_id", JSONValue(backup.volumeID)),
            .init("name", JSONValue(backup.name)), .init("status", .string(backup.status.rawValue)),
            .init("parent_id", JSONValue(backup.parentID)), .init("fail_reason", JSONValue(failReason)),
            .init("remark", JSONValue(backup.remark)), .init("restore_volume_id", JSONValue(backup.restoreVolumeID)),
        ]
    }
}
