// SPDX-License-Identifier: Apache-2.0
import BackupService
import Foundation
import Logging

/// One line per message on stderr: `Backup finished backup_id=… objects=21`. Under systemd with the priority
/// that journald reads (sd-daemon(3)), elsewhere with the time and the level.
struct StderrLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]

    private static let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        let sorted = fields.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") }
        StandardError.writer.append(Self.line(event.level, LogLine("\(event.message)", fields: sorted)))
    }

    /// Whatever the text says, what is before it is ours: the line begins with the one priority that journald reads.
    static func line(_ level: Logger.Level, _ text: LogLine) -> [UInt8] {
        let start = isJournal ? "<\(priority(level))>" : "\(time()) \(level) "
        return Array(start.utf8) + text.bytes + [UInt8(ascii: "\n")]
    }

    private static func time() -> String {
        Date.now.formatted(.iso8601.time(includingFractionalSeconds: true))
    }

    /// syslog(3)
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
