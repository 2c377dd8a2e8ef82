// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Synchronization

/// A response (200) whose body comes piece by piece, from any thread, for as long as its owner wishes.
///
/// Sending never blocks. What the peer has not taken waits here, `bufferBytes` at most: a peer that is further behind
/// loses its connection. Pieces are arrays, so a piece that is sent to a thousand streams is in memory once.
package final class StreamedReply: Sendable {
    enum Step: Equatable {
        case bytes([UInt8])
        /// The server is called when there is more.
        case wait
        case finished
        /// The peer is too far behind.
        case overflowed
    }

    fileprivate struct State {
        var pieces: [[UInt8]]
        var waitingBytes: Int
        var isFinished = false
        var hasOverflowed = false
        var isOver = false
        var wakeServer: (@Sendable () -> Void)?
        /// The server has written everything; otherwise it comes by itself, unless the peer is too far behind.
        var serverWaits = false
    }

    /// What one step gives at most, unless a single piece is larger.
    private static let stepBytes = 8 << 10

    let headers: HTTPFields
    private let limit: Int
    private let whenOver: @Sendable () -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - opening: what the body begins with; it waits beside the `bufferBytes`.
    ///   - whenOver: called once, when the connection is gone or the stream has come to its end. The server waits for
    ///     it, so it must not block.
    package init(
        headers: HTTPFields = [:], opening: [[UInt8]] = [], bufferBytes: Int = 64 << 10,
        whenOver: @escaping @Sendable () -> Void = {}
    ) {
        let openingBytes = opening.reduce(0) { $0 + $1.count }
        self.headers = headers
        self.limit = bufferBytes + openingBytes
        self.whenOver = whenOver
        self.state = Mutex(State(pieces: opening, waitingBytes: openingBytes))
    }

    /// Sends a piece that the peer must get.
    package func send(_ piece: [UInt8]) {
        change { state in
            if state.waitingBytes + piece.count > limit { state.hasOverflowed = true }
            state.append(piece)
        }
    }

    /// Sends a piece that a peer which is behind does without.
    package func offer(_ piece: [UInt8]) {
        change { state in
            if state.waitingBytes + piece.count <= limit / 2 { state.append(piece) }
        }
    }

    /// Ends the body after what has been sent so far.
    package func finish() { change { $0.isFinished = true } }

    private func change(_ body: (inout State) -> Void) {
        let wakeServer = state.withLock { state -> (@Sendable () -> Void)? in
            if state.isOver || state.isFinished || state.hasOverflowed { return nil }
            body(&state)
            if state.hasOverflowed { state.pieces = [] }
            let hasNews = state.serverWaits && (state.isFinished || !state.pieces.isEmpty)
            guard hasNews || state.hasOverflowed else { return nil }
            state.serverWaits = false
            return state.wakeServer
        }
        wakeServer?()
    }
}

/// The server's side.
extension StreamedReply {
    var hasOverflowed: Bool { state.withLock { $0.hasOverflowed } }

    /// What is to be done next. Where that is waiting, `wake` is called once, as soon as it is not; in any case when the
    /// peer comes to be too far behind.
    func next(orWake wake: @escaping @Sendable () -> Void) -> Step {
        state.withLock { state in
            state.wakeServer = wake
            if state.hasOverflowed { return .overflowed }
            if !state.pieces.isEmpty { return .bytes(state.take(upTo: Self.stepBytes)) }
            if state.isFinished || state.isOver { return .finished }
            state.serverWaits = true
            return .wait
        }
    }

    func end() {
        let isFirst = state.withLock { state in
            defer {
                state.isOver = true
                state.pieces = []
                state.wakeServer = nil
            }
            return !state.isOver
        }
        if isFirst { whenOver() }
    }
}

extension StreamedReply.State {
    fileprivate mutating func append(_ piece: [UInt8]) {
        if piece.isEmpty { return }
        pieces.append(piece)
        waitingBytes += piece.count
    }

    /// Removes the first pieces that fit together into `count` bytes, and at least one.
    fileprivate mutating func take(upTo count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var taken = 0
        for piece in pieces {
            if taken > 0 && bytes.count + piece.count > count { break }
            bytes += piece
            taken += 1
        }
        pieces.removeFirst(taken)
        waitingBytes -= bytes.count
        return bytes
    }
}
