// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

extension ProgressReport {
    /// With one decimal. What is not complete is never shown as 100.
    var shownPercent: Double { percent >= 100 ? 100 : min(99.9, (max(0, percent) * 10).rounded() / 10) }

    /// The `progress` member of a backup, in the API and in the progress log.
    var json: JSONValue {
        [
            "phase": .string(progress.phase.rawValue), "percent": .number(shownPercent),
            "bytes_done": JSONValue(progress.bytesDone), "bytes_total": JSONValue(progress.bytesTotal),
            "bytes_stored": JSONValue(progress.bytesStored), "objects": JSONValue(progress.objects),
            "bytes_per_second": JSONValue(bytesPerSecond.flatMap { Int64(exactly: $0.rounded()) }),
            "eta_seconds": etaSeconds.map { .number(($0 * 100).rounded() / 100) } ?? .null,
        ]
    }
}
