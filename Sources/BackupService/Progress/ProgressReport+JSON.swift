// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel

extension ProgressReport {
    /// With one decimal. What is not complete is never shown as 100.
    var shownPercent: Double { percent >= 100 ? 100 : min(99.9, (max(0, percent) * 10).rounded() / 10) }

    /// The `progress` member of a backup, in the API and in the progress log.
    var json: JSONValue { Self.form.json(self) }

    static let form = ObjectView<ProgressReport>([
        ViewMember("phase", .one(of: JobProgress.Phase.self)) { .string($0.progress.phase.rawValue) },
        ViewMember("percent", .number(in: 0...100), "Never falls; 100 only when all is complete and durable") {
            .number($0.shownPercent)
        },
        ViewMember("bytes_done", .count, "Of the volume") { JSONValue($0.progress.bytesDone) },
        ViewMember("bytes_total", .count, "Of the volume") { JSONValue($0.progress.bytesTotal) },
        ViewMember("bytes_stored", .count, "Written to the repository") { JSONValue($0.progress.bytesStored) },
        ViewMember("objects", .count, "Data objects written, or read in a restore") { JSONValue($0.progress.objects) },
        ViewMember("bytes_per_second", .count.orNull) {
            JSONValue($0.bytesPerSecond.flatMap { Int64(exactly: $0.rounded()) })
        },
        ViewMember("eta_seconds", .number.orNull, "How long it still takes") {
            $0.etaSeconds.map { .number(($0 * 100).rounded() / 100) } ?? .null
        },
    ])
}
