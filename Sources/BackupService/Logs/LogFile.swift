// SPDX-License-Identifier: Apache-2.0
import Glibc
import Logging
import Posix
import Synchronization
import SystemPackage

/// The file under a log, opened when it is needed, and again after a failure.
final class LogFile: Sendable {
    private struct State {
        var file: OpenFile?
        /// Half a line may stand at the end.
        var hasFailed = false
    }

    /// What the log is called at the start of a sentence.
    let name: String
    let path: String
    let mustReopen = Atomic(false)
    private let logger: Logger
    /// Held while the file is written to: for the writer's thread only.
    private let state = Mutex(State())

    init(_ name: String, _ path: String, _ logger: Logger) {
        self.name = name
        self.path = path
        self.logger = logger
    }

    /// - Parameter lost: How many lines are missing before this one, which is empty where it only tells that.
    func write(_ line: [UInt8], lost: Int64) throws {
        try state.withLock { state in
            if mustReopen.exchange(false, ordering: .acquiring) { state.file = nil }
            do {
                if !line.isEmpty { try append(line, &state) }
            } catch {
                fail(error, &state)
                throw error
            }
            state.hasFailed = false
            guard lost > 0 else { return }
            logger.notice("\(name) can be written again", metadata: ["dropped_lines": "\(lost)"])
        }
    }

    /// Without blocking, where the file is a FIFO: opening one waits for a reader, and writing for one that reads.
    private func append(_ line: [UInt8], _ state: inout State) throws {
        let file = try state.file ?? OpenFile(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode: 0o640)
        state.file = file
        try (state.hasFailed ? [UInt8(ascii: "\n")] + line : line).withUnsafeBytes { try file.append($0) }
    }

    private func fail(_ error: any Error, _ state: inout State) {
        if !state.hasFailed {
            logger.error("\(name) cannot be written, lines are dropped", metadata: ["error": "\(error)"])
        }
        state.hasFailed = true
        // A FIFO that is full stays open: its reader would take the end of it for the end of all.
        if (error as? SystemCallError)?.errno != .resourceTemporarilyUnavailable { state.file = nil }
    }
}
