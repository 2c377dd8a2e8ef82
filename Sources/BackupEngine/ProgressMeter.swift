// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Adds up the progress of workers, and reports it: one report at a time, none with less than the last.
final class ProgressMeter: Sendable {
    private let bytesDone = Atomic<Int64>(0)
    private let objects = Atomic<Int64>(0)
    private let progress: Mutex<JobProgress>
    private let report: @Sendable (JobProgress) -> Void

    init(_ progress: JobProgress, report: @escaping @Sendable (JobProgress) -> Void) {
        self.progress = Mutex(progress)
        self.report = report
        report(progress)
    }

    /// Nobody waits here: while one thread reports, what others add comes with the next report.
    func add(bytes: Int64 = 0, objects: Int64 = 0) {
        bytesDone.add(bytes, ordering: .relaxed)
        self.objects.add(objects, ordering: .relaxed)
        progress.withLockIfAvailable { report(&$0) }
    }

    /// Reports all that was added.
    func finish() {
        progress.withLock { report(&$0) }
    }

    /// - Throws: `EngineError.notWhole` unless what was reported last is all.
    func checkWhole() throws {
        try progress.withLock { try $0.checkWhole() }
    }

    private func report(_ progress: inout JobProgress) {
        progress.bytesDone = bytesDone.load(ordering: .relaxed)
        progress.objects = objects.load(ordering: .relaxed)
        report(progress)
    }
}
