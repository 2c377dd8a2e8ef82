// SPDX-License-Identifier: Apache-2.0

/// What has been done within a minute or more because there were too many connections: for the log.
package struct Crowding: Sendable, Equatable {
    /// How many connections that nobody knew, idle for longest, were closed for others.
    package var gaveWay = 0
    /// How many new ones were turned away because their user had too many, by user; 8 users at most.
    package var ofUsers: [UInt32: Int] = [:]
    /// How many for want of descriptors.
    package var forDescriptors = 0

    package init() {}

    var isEmpty: Bool { self == Crowding() }

    mutating func turnedAway(_ refusal: Refusal) {
        guard case .tooManyOfUser(let user, _) = refusal else { return forDescriptors += 1 }
        if ofUsers[user] != nil || ofUsers.count < 8 { ofUsers[user, default: 0] += 1 }
    }
}

extension Crowding: CustomStringConvertible {
    package var description: String {
        var parts: [String] = []
        if gaveWay > 0 { parts.append("\(gaveWay) that nobody knew gave way") }
        for (user, count) in ofUsers.sorted(by: { $0.key < $1.key }) {
            parts.append("\(count) of uid \(user), which has as many as one may have, were turned away")
        }
        if forDescriptors > 0 { parts.append("\(forDescriptors) were turned away for want of descriptors") }
        return parts.joined(separator: "; ")
    }
}
