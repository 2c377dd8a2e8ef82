// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Synchronization

/// How far the jobs are that run now, and the ones that failed last: for `GET` and the progress log.
package final class ProgressBoard: Sendable {
    private struct Entry {
        var progress: JobProgress
        var startedAt: ContinuousClock.Instant
        var isRunning: Bool
    }

    private struct State {
        var entries: [ResourceID: Entry] = [:]
        var finished: [ResourceID] = []
    }

    /// Failed jobs whose last progress is kept.
    private static let finishedLimit = 256
    private let state = Mutex(State())

    package init() {}

    package func begin(_ id: ResourceID, _ progress: JobProgress) {
        state.withLock { state in
            state.finished.removeAll { $0 == id }
            state.entries[id] = Entry(progress: progress, startedAt: .now, isRunning: true)
        }
    }

    package func update(_ id: ResourceID, _ progress: JobProgress) {
        state.withLock { $0.entries[id]?.progress = progress }
    }

    /// The job has ended; where it failed, what it had reached stays for a while.
    package func end(_ id: ResourceID, keeping: Bool) {
        state.withLock { state in
            guard keeping, state.entries[id] != nil else {
                state.entries[id] = nil
                return
            }
            state.entries[id]?.isRunning = false
            state.entries[id]?.progress.phase = .done
            state.finished.append(id)
            if state.finished.count > Self.finishedLimit { state.entries[state.finished.removeFirst()] = nil }
        }
    }

    package var runningJobs: [ResourceID] {
        state.withLock { state in state.entries.filter { $0.value.isRunning }.map(\.key) }
    }

    /// What to show for a backup in this state.
    package func report(on record: BackupRecord) -> ProgressReport {
        // The row is told first that a job has ended: what is available has no job any more.
        if record.status != .available, let entry = state.withLock({ $0.entries[record.id] }) {
            return Self.report(entry)
        }
        var progress = JobProgress(phase: Self.idlePhase(of: record), bytesTotal: record.sizeBytes ?? 0)
        // What waits for its turn has done nothing yet, and what failed long ago is not known any more.
        guard progress.phase == .done, record.status != .error else {
            return ProgressReport(progress: progress, percent: 0)
        }
        progress.bytesDone = progress.bytesTotal
        progress.bytesStored = record.storedBytes ?? 0
        progress.objects = Int64(record.objectCount)
        return ProgressReport(progress: progress, percent: 100)
    }

    /// How far a job has come that has just ended: less than 100 unless all is there.
    package func finalReport(on record: BackupRecord, succeeded: Bool) -> ProgressReport {
        if succeeded, record.status == .available { return report(on: record) }
        var report = ProgressReport(
            progress: JobProgress(phase: .done, bytesTotal: record.sizeBytes ?? 0), percent: 0)
        if let entry = state.withLock({ $0.entries[record.id] }) { report = Self.report(entry) }
        report.progress.phase = .done
        report.bytesPerSecond = nil
        report.etaSeconds = nil
        return report
    }

    private static func report(_ entry: Entry) -> ProgressReport {
        let progress = entry.progress
        let fraction = progress.bytesTotal > 0 ? Double(progress.bytesDone) / Double(progress.bytesTotal) : 0
        // 100 is for what is complete and durable, and an entry is of a job that is not there yet.
        var report = ProgressReport(progress: progress, percent: min(fraction * 100, 99.9))
        let seconds = (ContinuousClock.now - entry.startedAt) / .seconds(1)
        if entry.isRunning, progress.bytesDone > 0, seconds > 0 {
            let rate = Double(progress.bytesDone) / seconds
            report.bytesPerSecond = rate
            report.etaSeconds = Double(progress.bytesTotal - progress.bytesDone) / rate
        }
        return report
    }

    private static func idlePhase(of record: BackupRecord) -> JobProgress.Phase {
        switch record.status {
        case .creating, .restoring, .deleting: .queued
        case .available, .error, .errorDeleting, .deleted: .done
        }
    }
}
