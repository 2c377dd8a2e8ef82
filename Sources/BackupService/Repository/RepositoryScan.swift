// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Foundation
import Logging
import Synchronization

/// Looks for complete backups in the repository that the catalog does not know, on a thread of its own.
package final class RepositoryScan: Sendable {
    package enum Progress: String, Sendable, CaseIterable {
        case never, running, done, failed
    }

    package struct Result: Sendable {
        package var progress = Progress.never
        /// In no particular order, at most `limit`; what they say of their volumes is left out.
        package var backups: [CompleteBackup] = []
        /// Places that hold a metadata object and no complete backup.
        package var unusable = 0
        /// Whether there are more than `limit`.
        package var isCut = false
    }

    /// Backups that are listed.
    private static let limit = 10_000

    private let context: JobContext
    private let result = Mutex(Result())
    private let isStopping = Atomic(false)
    /// Held while a scan runs.
    private let running = Mutex(())

    init(context: JobContext) { self.context = context }

    /// As far as the last scan has come.
    package var found: Result { result.withLock { $0 } }

    /// Begins, and returns at once; nothing happens while a scan runs.
    package func start() {
        guard found.progress != .running else { return }
        let thread = Thread { self.run() }
        thread.name = "scan"
        thread.start()
    }

    package func stop() { isStopping.store(true, ordering: .releasing) }

    /// Scans, and returns when that is done. A second caller waits for the first, and scans again.
    func run() {
        running.withLock { _ in
            result.withLock { $0 = Result(progress: .running) }
            do {
                try look()
                result.withLock { $0.progress = .done }
            } catch {
                result.withLock { $0.progress = .failed }
                context.logger.error("The repository could not be gone through", metadata: ["error": "\(error)"])
            }
        }
    }

    private func look() throws {
        try context.engine.forEachUnknownBackup(
            control: JobControl(isAbandoned: { self.isStopping.load(ordering: .acquiring) }),
            isKnown: { try context.catalog.hasBackup(container: $0, prefix: $1) },
            failed: { place, error in
                result.withLock { $0.unusable += 1 }
                context.logger.info("No complete backup", metadata: ["place": "\(place)", "reason": "\(error)"])
            }
        ) { backup in add(backup) }
    }

    private func add(_ backup: CompleteBackup) {
        var backup = backup
        backup.metadata.volumeMeta = nil
        result.withLock { result in
            if result.backups.count < Self.limit { result.backups.append(backup) } else { result.isCut = true }
        }
    }
}
