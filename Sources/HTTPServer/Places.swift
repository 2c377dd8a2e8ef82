// SPDX-License-Identifier: Apache-2.0
import Posix

/// Who is connected to one listener, and who gives way to whom. Knows no socket.
struct Places {
    enum Verdict: Equatable {
        case free
        /// There is no place but that of this connection, which has been idle for longest of those that nobody knows.
        case inPlaceOf(UInt64)
        /// All are taken by those who have a right to them.
        case none
        /// This user has as many as one may have.
        case tooManyOfUser
    }

    private let limit: Int
    private let limitPerUser: Int
    /// For whom no limit per user holds, and who is known from the beginning.
    private let trusted: Set<UInt32>

    private var users: [UInt64: UInt32?] = [:]
    private var counts: [UInt32: Int] = [:]
    private var strangers = RecencyOrder()

    init(limits: Limits, trusted: Set<UInt32>) {
        self.limit = limits.connections
        self.limitPerUser = limits.connectionsPerUser
        self.trusted = trusted
    }

    var isFull: Bool { users.count >= limit && strangers.oldest == nil }
    var strangerCount: Int { strangers.count }
    /// The one that gives way next.
    var oldestStranger: UInt64? { strangers.oldest }

    func verdict(on peer: Peer) -> Verdict {
        if let user = Self.user(peer), !trusted.contains(user), counts[user, default: 0] >= limitPerUser {
            return .tooManyOfUser
        }
        if users.count < limit { return .free }
        return strangers.oldest.map { .inPlaceOf($0) } ?? .none
    }

    /// Returns whether the connection is one of somebody who is known from the beginning.
    mutating func add(_ id: UInt64, _ peer: Peer) -> Bool {
        let user = Self.user(peer)
        users[id] = .some(user)
        if let user { counts[user, default: 0] += 1 }
        if let user, trusted.contains(user) { return true }
        strangers.touch(id)
        return false
    }

    mutating func remove(_ id: UInt64) {
        strangers.remove(id)
        guard let user = users.removeValue(forKey: id) ?? nil, let count = counts[user] else { return }
        counts[user] = count > 1 ? count - 1 : nil
    }

    /// Something has come from this connection.
    mutating func touch(_ id: UInt64) { if strangers.contains(id) { strangers.touch(id) } }

    /// The connection keeps its place from now on.
    mutating func know(_ id: UInt64) { strangers.remove(id) }

    /// Addresses say nothing: behind a proxy, and on loopback, everybody has the same.
    private static func user(_ peer: Peer) -> UInt32? {
        if case .unix(let credentials) = peer { return credentials.uid }
        return nil
    }
}
