// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

extension JobEnds.Counts {
    /// - Parameter volumes: those that are registered, also without a failure: a counter must be seen before it rises.
    func families(_ volumes: [ResourceID]) -> [MetricFamily] {
        var failures = MetricFamily(
            .counter, "cinderblock_backup_failures_total", "Backups of the volume that failed since the daemon began.")
        for id in volumes { failures.add([.init("volume", id.text)], failedBackups[id] ?? 0) }
        var ended = MetricFamily(
            .counter, "cinderblock_jobs_ended_total", "Jobs that ended since the daemon began, by type and result.")
        // How an inspection has ended, the backup tells.
        for kind in JobScheduler.Kind.allCases where kind != .inspection {
            for result in JobEnds.Result.allCases {
                ended.add([.init("type", kind.rawValue), .init("result", result.rawValue)], ends[kind]?[result] ?? 0)
            }
        }
        return [failures, ended]
    }
}

extension JobScheduler {
    var families: [MetricFamily] {
        let counts = countsByKind
        var active = MetricFamily(.gauge, "cinderblock_job_active", "Jobs that run now, by type.")
        var queue = MetricFamily(.gauge, "cinderblock_queue_length", "Jobs that wait for their turn, by type.")
        for kind in Kind.allCases {
            active.add([.init("type", kind.rawValue)], counts.running[kind] ?? 0)
            queue.add([.init("type", kind.rawValue)], counts.waiting[kind] ?? 0)
        }
        return [active, queue]
    }
}

extension Traffic {
    var families: [MetricFamily] {
        [
            MetricFamily(
                .counter, "cinderblock_read_bytes_total",
                "Bytes that backups have read from volumes; holes are not read.",
                value: readBytes),
            MetricFamily(
                .counter, "cinderblock_written_bytes_total",
                "Bytes of data objects that backups have written to the repository.", value: storedBytes),
            MetricFamily(
                .counter, "cinderblock_skipped_zero_bytes_total",
                "Bytes of volumes that were holes or zeros, which backups neither hash nor pack.", value: zeroBytes),
            MetricFamily(
                .counter, "cinderblock_restored_bytes_total",
                "Bytes of volumes that restores have brought back, zeros included.", value: restoredBytes),
        ]
    }
}
