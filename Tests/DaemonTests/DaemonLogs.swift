// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Testing

/// The logs of the daemons that are there now, and of the last one that went: a failing test shows their ends.
enum DaemonLogs {
    private struct State {
        var paths: Set<String> = []
        /// What a test that has thrown leaves: its daemon is gone by the time the issue is recorded.
        var last = ""
    }

    private static let state = Mutex(State())
    private static let shownBytes = 4000

    static func add(_ path: String) { state.withLock { _ = $0.paths.insert(path) } }

    static func remove(_ path: String) {
        let text = end(of: path)
        state.withLock { state in
            state.paths.remove(path)
            state.last = text
        }
    }

    /// Called once per trait that the test has inherited.
    @Sendable static func attach(to issue: Issue) -> Issue? {
        let (paths, last) = state.withLock { ($0.paths.sorted(), $0.last) }
        var issue = issue
        for text in paths.isEmpty ? [last] : paths.map(end) where !issue.comments.contains(where: { "\($0)" == text }) {
            issue.comments.append("\(text)")
        }
        return issue
    }

    private static func end(of path: String) -> String {
        let log = FileManager.default.contents(atPath: path) ?? Data()
        return "\(path) ends with:\n\(String(decoding: log.suffix(shownBytes), as: UTF8.self))"
    }
}
