// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Logging

/// Writes what happens to backups into the progress log; names and payloads are those of Cinder's notifications.
package struct BackupEvents: Sendable {
    package enum Kind: String, Sendable {
        case createStart = "backup.create.start"
        case createProgress = "backup.createprogress"
        case createEnd = "backup.create.end"
        case createError = "backup.create.error"
        case restoreStart = "backup.restore.start"
        case restoreProgress = "backup.restore.progress"
        case restoreEnd = "backup.restore.end"
        case restoreError = "backup.restore.error"
        case deleteStart = "backup.delete.start"
        case deleteEnd = "backup.delete.end"
        case deleteError = "backup.delete.error"

        fileprivate var isError: Bool { rawValue.hasSuffix(".error") }
    }

    private let log: JSONLog
    private let host: String
    private let now: @Sendable () -> Timestamp

    package init(log: JSONLog, host: String, now: @escaping @Sendable () -> Timestamp) {
        self.log = log
        self.host = host
        self.now = now
    }

    package func record(_ kind: Kind, _ backup: BackupRecord, _ report: ProgressReport, reason: String? = nil) {
        log.append([
            "timestamp": .string(now().iso8601),
            "event_type": .string(kind.rawValue),
            "priority": kind.isError ? "ERROR" : "INFO",
            "publisher_id": .string("backup.\(host)"),
            "message_id": .string(ResourceID.random().text),
            "payload": .object(payload(backup, report, reason)),
        ])
    }

    private func payload(_ backup: BackupRecord, _ report: ProgressReport, _ reason: String?) -> [JSONValue.Member] {
        let usage: JSONValue = [
            "tenant_id": .string(backup.projectID), "user_id": .string(backup.userID),
            "availability_zone": JSONValue(backup.availabilityZone), "backup_id": JSONValue(backup.id),
            "host": JSONValue(backup.host), "display_name": JSONValue(backup.name),
            "created_at": .string(backup.createdAt.iso8601), "status": .string(backup.status.rawValue),
            "volume_id": JSONValue(backup.volumeID), "size": JSONValue(backup.sizeGiB),
            "service_metadata": JSONValue(backup.prefix), "service": .string(backup.service),
            "container": JSONValue(backup.container), "fail_reason": JSONValue(reason ?? backup.failReason),
            "parent_id": JSONValue(backup.parentID), "snapshot_id": JSONValue(backup.snapshotID),
            "object_count": JSONValue(backup.objectCount), "restore_volume_id": JSONValue(backup.restoreVolumeID),
            "backup_percent": .number(report.shownPercent),
        ]
        guard case .object(let members) = usage, case .object(let progress) = report.json else { return [] }
        return members + progress
    }
}
