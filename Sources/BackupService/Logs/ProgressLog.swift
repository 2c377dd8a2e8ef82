// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch
import Glibc
import Logging
import Posix
import Synchronization

/// A file of JSON objects, one per line, appended to and never rewritten. A log that cannot be written never
/// stops or slows a job: lines are dropped, and counted.
package final class ProgressLog: Sendable {
    private struct State {
        var file: OpenFile?
        /// In a row: since the log could last be written.
        var dropped: Int64 = 0
        var droppedTotal: Int64 = 0
    }

    private static let newline = UInt8(ascii: "\n")
    private let path: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "progress-log")
    private let state = Mutex(State())

    /// Opens the file, or makes it, when the first line is written.
    package init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    package func append(_ line: JSONValue) {
        let bytes = line.utf8 + [Self.newline]
        queue.async { self.write(bytes) }
    }

    /// Lines that could not be written, since the daemon began.
    package var droppedLines: Int64 { state.withLock { $0.droppedTotal } }

    /// Opens the file again by its name: it may have been rotated away.
    package func reopen() {
        queue.async { self.state.withLock { $0.file = nil } }
    }

    /// Returns when all lines so far are written.
    package func flush() { queue.sync {} }

    private func write(_ bytes: [UInt8]) {
        state.withLock { state in
            do {
                let file = try state.file ?? OpenFile(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o640)
                state.file = file
                // After a failure half a line may stand there.
                try (state.dropped > 0 ? [Self.newline] + bytes : bytes).withUnsafeBytes { try file.append($0) }
                if state.dropped > 0 {
                    logger.notice("Progress log can be written again", metadata: ["dropped_lines": "\(state.dropped)"])
                }
                state.dropped = 0
            } catch {
                if state.dropped == 0 {
                    logger.error("Progress log cannot be written, lines are dropped", metadata: ["error": "\(error)"])
                }
                state.dropped += 1
                state.droppedTotal += 1
                state.file = nil
            }
        }
    }
}
