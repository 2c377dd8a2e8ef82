// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Logging
import Synchronization

/// A file of JSON objects, one per line, appended to and never rewritten. A log that cannot be written, or that takes
/// nothing, never stops or slows a job: lines are dropped, and counted.
package final class JSONLog: Sendable {
    private static let newline = UInt8(ascii: "\n")
    private let file: LogFile
    private let writer: LineWriter
    private let logger: Logger

    /// Opens the file, or makes it, when the first line is written.
    /// - Parameter name: what it is called at the start of a sentence.
    package init(named name: String, path: String, limits: LineWriter.Limits = .init(), logger: Logger) {
        let file = LogFile(name, path, logger)
        self.file = file
        self.logger = logger
        writer = LineWriter(named: name.lowercased().replacing(" ", with: "-"), limits: limits, write: file.write)
    }

    package func append(_ line: JSONValue) {
        guard !writer.append(line.utf8 + [Self.newline]) else { return }
        logger.error("\(file.name) takes nothing, lines are dropped", metadata: ["path": "\(file.path)"])
    }

    /// Lines that could not be written, since the daemon began.
    package var droppedLines: Int64 { writer.lostLines }

    /// Has the file opened again by its name before the next line: it may have been rotated away.
    package func reopen() { file.mustReopen.store(true, ordering: .releasing) }

    /// False when the lines so far were not written in time.
    @discardableResult
    package func flush(within timeout: Duration) -> Bool { writer.flush(within: timeout) }
}
