// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Whether the repository is the one that the catalog belongs to, and this daemon the one that writes to it.
package enum RepositoryState: Sendable, Equatable {
    /// Nobody has looked yet, or the look has no answer.
    case unanswered
    case ready
    /// Mounted read-only: nothing is taken or written, and backups can be restored.
    case readOnly
    /// Another repository than the catalog knows, or none.
    case unknown(expected: ResourceID?, found: String?)
    case unreachable(reason: String)
    /// Another process writes to it for the same catalog.
    case inUse(reason: String)

    /// A word for programs (docs/api.md).
    package var word: String {
        switch self {
        case .unanswered: "unanswered"
        case .ready: "ready"
        case .readOnly: "read_only"
        case .unknown: "unknown"
        case .unreachable: "unreachable"
        case .inUse: "in_use"
        }
    }

    package static let words = ["ready", "read_only", "unknown", "unreachable", "in_use", "unanswered"]
}

/// Why the repository takes no backup, or gives none away, now.
package enum RepositoryError: Error, Equatable, CustomStringConvertible {
    case notReady(path: String, RepositoryState)
    /// Something was asked for that must wait until the operator has accepted the catalog.
    case rolledBack

    package var description: String {
        switch self {
        case .notReady(let path, .unknown(let expected?, let found?)):
            "\(path) is repository \(found), but the catalog belongs to \(expected): is the right disk mounted? "
                + Self.way
        case .notReady(let path, .unknown(let expected?, nil)):
            "\(path) does not say which repository it is, but the catalog belongs to \(expected): is its disk mounted? "
                + Self.way
        case .notReady(let path, .unknown(nil, _)):
            "\(path) holds none of the backups that the catalog knows: is its disk mounted? " + Self.way
        case .notReady(let path, .unreachable(let reason)): "the repository \(path) cannot be used: \(reason)"
        case .notReady(let path, .readOnly): "the repository \(path) is read-only"
        case .notReady(let path, .inUse(let reason)):
            "the repository \(path) is written to by another daemon: \(reason)"
        case .notReady(let path, .unanswered), .notReady(let path, .ready): "the repository \(path) does not answer"
        case .rolledBack:
            "the catalog came back from an earlier state: the repository has seen jobs that it does not know. "
                + "GET /repository shows what it holds beyond; POST /repository/action {\"accept\": {}} goes on from here"
        }
    }

    private static let way = "POST /repository/action {\"accept\": {}} takes it as it is"
}
