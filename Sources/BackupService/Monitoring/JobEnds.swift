// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Synchronization

/// How the jobs have ended since the daemon began, those among them that an earlier run has left.
package final class JobEnds: Sendable {
    package enum Result: String, Sendable, CaseIterable { case success, failure }

    struct Counts: Sendable, Equatable {
        var ends: [JobScheduler.Kind: [Result: Int]] = [:]
        var failedBackups: [ResourceID: Int] = [:]
    }

    /// Volumes whose failures are counted one by one.
    private static let volumeLimit = 10_000
    private let counts = Mutex(Counts())

    package init() {}

    /// To be called with every event of a job; most of them are no end.
    package func count(_ event: BackupEvents.Kind, _ volumeID: ResourceID) {
        guard let (kind, result) = event.end else { return }
        counts.withLock { counts in
            counts.ends[kind, default: [:]][result, default: 0] += 1
            guard kind == .backup, result == .failure else { return }
            guard counts.failedBackups.count < Self.volumeLimit || counts.failedBackups[volumeID] != nil else { return }
            counts.failedBackups[volumeID, default: 0] += 1
        }
    }

    /// Forgets the volumes that are not among `volumes`: they are not registered any more.
    func read(forgettingAllBut volumes: some Sequence<ResourceID>) -> Counts {
        let known = Set(volumes)
        return counts.withLock { counts in
            counts.failedBackups = counts.failedBackups.filter { known.contains($0.key) }
            return counts
        }
    }
}

extension BackupEvents.Kind {
    /// What has ended, and how; nil for what goes on.
    fileprivate var end: (JobScheduler.Kind, JobEnds.Result)? {
        switch self {
        case .createStart, .createProgress, .restoreStart, .restoreProgress, .deleteStart: nil
        case .createEnd: (.backup, .success)
        case .createError: (.backup, .failure)
        case .restoreEnd: (.restore, .success)
        case .restoreError: (.restore, .failure)
        case .deleteEnd: (.deletion, .success)
        case .deleteError: (.deletion, .failure)
        }
    }
}
