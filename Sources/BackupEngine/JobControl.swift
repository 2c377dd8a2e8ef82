// SPDX-License-Identifier: Apache-2.0

/// How a job hears that it is no longer wanted, and tells how far it is.
package struct JobControl: Sendable {
    /// Asks the catalog; called on the job's thread before every chunk, and before what cannot be undone.
    /// Throws `EngineError.cancelled` when the work is not wanted any more.
    package let checkpoint: @Sendable () throws -> Void
    /// The same without a question to the catalog, for the middle of long work, from any thread.
    package let isAbandoned: @Sendable () -> Bool
    /// Called after every chunk (backup) or piece of an object (restore), by one thread at a time.
    package let report: @Sendable (JobProgress) -> Void

    package init(
        checkpoint: @escaping @Sendable () throws -> Void = {},
        isAbandoned: @escaping @Sendable () -> Bool = { false },
        report: @escaping @Sendable (JobProgress) -> Void = { _ in }
    ) {
        self.checkpoint = checkpoint
        self.isAbandoned = isAbandoned
        self.report = report
    }

    func stopIfAbandoned() throws {
        if isAbandoned() { throw EngineError.cancelled }
    }
}

/// How far a job is. None of the numbers ever falls.
package struct JobProgress: Sendable, Equatable {
    package enum Phase: String, Sendable, CaseIterable {
        case queued, reading, finalizing, restoring, verifying, deleting, done
    }

    package var phase: Phase
    package var bytesDone: Int64 = 0
    package var bytesTotal: Int64
    package var bytesStored: Int64 = 0
    /// Data objects written (backup) or read (restore).
    package var objects: Int64 = 0
    /// Chunks read so far; 0 in a restore.
    package var chunks: Int64 = 0

    package init(phase: Phase, bytesTotal: Int64) {
        self.phase = phase
        self.bytesTotal = bytesTotal
    }

    /// - Throws: `EngineError.notWhole` unless all bytes are done, each once.
    func checkWhole() throws {
        guard bytesDone == bytesTotal else { throw EngineError.notWhole(bytesDone: bytesDone, bytesTotal: bytesTotal) }
    }
}
