// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

/// The logs of the daemons that are there now: a failing test shows their ends.
enum DaemonLogs {
    private static let paths = Mutex<Set<String>>([])
    private static let shownBytes = 4000

    static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

    static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

    @Sendable static func attach(to issue: Issue) -> Issue? {
        var issue = issue
        for path in paths.withLock({ $0.sorted() }) {
            let log = FileManager.default.contents(atPath: path) ?? Data()
            issue.comments.append("\(path) ends with:\n\(String(decoding: log.suffix(shownBytes), as: UTF8.self))")
        }
        return issue
    }
}
