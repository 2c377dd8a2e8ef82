// SPDX-License-Identifier: Apache-2.0

/// What requests and answers may take of memory, all together. Strangers have a budget of their own: however much they
/// send, those who have rights find room.
extension ServerLoop {
    func hasHeard(from id: UInt64) {
        if let connection = connections[id], !connection.isKnown { connection.acceptor?.places.touch(id) }
    }

    /// The connection keeps its place, and what it holds counts as that of those who have rights.
    func know(_ connection: Connection) {
        connection.acceptor?.places.know(connection.id)
        holders.remove(connection.id)
        strangersBytes -= connection.held
        knownBytes += connection.held
    }

    /// Whether a body of that size may come.
    func hasRoom(for count: Int) -> Bool { knownBytes.received + count <= limits.receivedBytes }

    var hasRoomForAnswers: Bool { knownBytes.toSend < limits.answerBytes }

    func account(_ connection: Connection, from before: HeldBytes) {
        if connection.isKnown {
            knownBytes -= before
            knownBytes += connection.held
            if connection.held.received > before.received, !hasRoom(for: 0) { connection.refuseForMemory() }
        } else {
            strangersBytes -= before
            strangersBytes += connection.held
            if connection.held.total > 0 { holders.touch(connection.id) } else { holders.remove(connection.id) }
            while strangersBytes.total > limits.strangersBytes, let oldest = holders.oldest { giveWay(oldest) }
        }
    }

    func release(_ connection: Connection) {
        holders.remove(connection.id)
        if connection.isKnown { knownBytes -= connection.held } else { strangersBytes -= connection.held }
    }
}
