// SPDX-License-Identifier: Apache-2.0

/// Why the daemon cannot do its work now.
package enum ReadinessError: Error, Sendable, Equatable, CustomStringConvertible {
    case catalog(reason: String)
    case repository(reason: String)

    /// What anybody may know.
    var summary: String {
        switch self {
        case .catalog: "The catalog cannot be read or written."
        case .repository: "The repository cannot be used."
        }
    }

    package var description: String {
        switch self {
        case .catalog(let reason): "the catalog cannot be read or written: \(reason)"
        case .repository(let reason): "the repository cannot be used: \(reason)"
        }
    }
}
