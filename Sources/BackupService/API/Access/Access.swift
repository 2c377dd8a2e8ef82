// SPDX-License-Identifier: Apache-2.0

/// What a client may do, and what an operation needs. Each includes what comes before it.
package enum Access: String, Sendable, CaseIterable, Comparable {
    case nothing, read, full

    package static func < (a: Access, b: Access) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .nothing: 0
        case .read: 1
        case .full: 2
        }
    }
}
