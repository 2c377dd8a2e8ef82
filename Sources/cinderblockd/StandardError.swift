// SPDX-License-Identifier: Apache-2.0
import BackupService
import Glibc
import Logging
import Posix
import SystemPackage

/// Where the daemon's log goes. A reader that takes nothing keeps neither jobs nor requests waiting.
enum StandardError {
    static let writer = LineWriter(named: "stderr") { line, lost in
        if lost > 0 {
            let text = LogLine("Log lines were dropped", fields: [(key: "count", value: "\(lost)")])
            try write(StderrLogHandler.line(.warning, text))
        }
        try write(line)
    }

    private static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares the descriptor has made it so.
                var waiting = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw SystemCallError("write", "stderr", Errno(rawValue: errno))
            }
        }
    }
}
