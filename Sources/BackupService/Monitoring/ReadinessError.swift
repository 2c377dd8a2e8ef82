// SPDX-License-Identifier: Apache-2.0

/// Why the daemon cannot do its work now.
package enum ReadinessError: Error, Sendable, Equatable, CustomStringConvertible {
    case catalog(reason: String)
    case repository(reason: String)
    /// The catalog came back from an earlier state, and nobody has accepted that yet.
    case rolledBack

    /// What anybody may know.
    var summary: String {
        switch self {
        case .catalog: "The catalog cannot be read or written."
        case .repository: "The repository cannot be used."
        case .rolledBack: "The catalog came back from an earlier state."
        }
    }

    package var description: String {
        switch self {
        case .catalog(let reason): "the catalog cannot be read or written: \(reason)"
        case .repository(let reason): "the repository cannot be used: \(reason)"
        case .rolledBack: "\(RepositoryError.rolledBack)"
        }
    }
}
