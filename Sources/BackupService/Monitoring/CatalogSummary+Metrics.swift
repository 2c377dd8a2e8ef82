// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

extension CatalogSummary {
    /// The ages first. A volume without a good backup has no last success: a time of 0 would be a lie.
    var families: [MetricFamily] {
        var success = MetricFamily(
            .gauge, "cinderblock_backup_last_success_timestamp_seconds",
            "When the last backup of the volume was completed, among those that are still there.")
        var attempt = MetricFamily(
            .gauge, "cinderblock_backup_last_attempt_timestamp_seconds",
            "When a backup of the volume last began, whatever became of it.")
        var duration = MetricFamily(
            .gauge, "cinderblock_backup_last_duration_seconds", "How long the last completed backup of the volume took."
        )
        var size = MetricFamily(
            .gauge, "cinderblock_backup_last_size_bytes",
            "Of the last completed backup: the length of the volume (source), and what its objects take (stored).")
        for volume in volumes {
            let label = MetricFamily.Label("volume", volume.id.text)
            if let time = volume.lastAttempt { attempt.add([label], time.epochSeconds) }
            guard let last = volume.lastSuccess else { continue }
            success.add([label], last.endedAt.epochSeconds)
            if let begun = last.begunAt { duration.add([label], last.endedAt.epochSeconds - begun.epochSeconds) }
            if let bytes = last.sizeBytes { size.add([label, .init("kind", "source")], bytes) }
            if let bytes = last.storedBytes { size.add([label, .init("kind", "stored")], bytes) }
        }
        return [success, attempt, duration, size] + volumeFamilies + [stateFamily, damageFamily]
    }

    private var volumeFamilies: [MetricFamily] {
        var created = MetricFamily(
            .gauge, "cinderblock_volume_created_timestamp_seconds", "When the volume was registered or made.")
        var info = MetricFamily(.gauge, "cinderblock_volume_info", "The name of the volume; always 1.")
        for volume in volumes {
            created.add([.init("volume", volume.id.text)], volume.createdAt.epochSeconds)
            info.add([.init("volume", volume.id.text), .init("name", volume.name ?? "")], 1)
        }
        return [created, info]
    }

    private var stateFamily: MetricFamily {
        var family = MetricFamily(.gauge, "cinderblock_backups", "Backups by their status.")
        for status in BackupStatus.allCases {
            if let count = backups[status] { family.add([.init("state", status.rawValue)], count) }
        }
        return family
    }

    private var damageFamily: MetricFamily {
        MetricFamily(
            .gauge, "cinderblock_damaged_backups",
            "Backups of which an increment has found something missing or misshapen in the repository.",
            value: damagedBackups)
    }
}

extension Timestamp {
    /// Seconds since 1970.
    fileprivate var epochSeconds: Double { Double(microseconds) / 1e6 }
}
