// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Posix

/// What monitoring asks of the daemon: its metrics, and whether it can do its work. No answer waits for a job.
package final class Monitor: Sendable {
    private let service: BackupService
    private let progressLog: JSONLog
    private let auditLog: JSONLog
    private let repository: RepositoryAccess
    private let catalog: CatalogProbe
    /// Looked up once: the clock may be set meanwhile.
    private let startTime = ProcessUsage.startTime()
    let requests = RequestCounts()

    package init(service: BackupService, progressLog: JSONLog, auditLog: JSONLog) {
        self.service = service
        self.progressLog = progressLog
        self.auditLog = auditLog
        repository = service.repository
        catalog = CatalogProbe(service.catalog, patience: service.patience)
    }

    /// - Throws: `ReadinessError`.
    func checkReadiness() throws {
        try catalog.check()
        _ = try repository.space()
        if repository.isRolledBack { throw ReadinessError.rolledBack }
    }

    /// All metrics in Prometheus' text format 0.0.4. What the repository or the system does not tell is left out.
    /// - Throws: `CatalogError`: without the ages of the backups the rest would look as if all were well.
    func metrics() throws -> String {
        let summary = try service.catalog.summary()
        let volumes = summary.volumes.map(\.id)
        var families = summary.families + service.context.ends.read(forgettingAllBut: volumes).families(volumes)
        families += service.scheduler.families + service.context.engine.traffic.families
        families += (try? repository.space())?.families ?? []
        families += repository.families
        families += [
            MetricFamily(
                .counter, "cinderblock_progress_log_dropped_lines_total",
                "Lines of the progress log that could not be written since the daemon began.",
                value: progressLog.droppedLines),
            MetricFamily(
                .counter, "cinderblock_audit_log_dropped_lines_total",
                "Lines of the audit log that could not be written since the daemon began.",
                value: auditLog.droppedLines),
            MetricFamily(
                .gauge, "cinderblock_hanging_questions",
                "Questions to volumes and other disks that were not answered in time, and still hang.",
                value: service.patience.hanging),
        ]
        families += requests.families + [buildInfo] + processFamilies
        var text = ""
        for family in families { family.append(to: &text) }
        return text
    }

    private var buildInfo: MetricFamily {
        var family = MetricFamily(.gauge, "cinderblock_build_info", "The version of the daemon; always 1.")
        family.add([.init("version", cinderblockVersion)], 1)
        return family
    }

    private var processFamilies: [MetricFamily] {
        var start = MetricFamily(
            .gauge, "process_start_time_seconds", "When the daemon began, in seconds since 1970.")
        if let startTime { start.add([], startTime) }
        return (ProcessUsage()?.families ?? []) + [start]
    }
}
