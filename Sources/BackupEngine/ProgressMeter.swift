// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Adds up the progress of workers, and reports each step: one report at a time, none with less than the last.
final class ProgressMeter: Sendable {
    private let progress: Mutex<JobProgress>
    private let report: @Sendable (JobProgress) -> Void

    init(_ progress: JobProgress, report: @escaping @Sendable (JobProgress) -> Void) {
        self.progress = Mutex(progress)
        self.report = report
        report(progress)
    }

    func add(bytes: Int64 = 0, objects: Int64 = 0) {
        progress.withLock { progress in
            progress.bytesDone += bytes
            progress.objects += objects
            report(progress)
        }
    }
}
