// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A response that is worked out when somebody wakes it, or at its deadline, whichever comes first. Until then it costs
/// its connection and no thread.
///
/// The server also wakes it when it stops, and when the peer closes its end: it may have closed the sending half only.
package final class LaterReply: Sendable {
    private struct State {
        var isAwake = false
        var isOver = false
        var wakeServer: (@Sendable () -> Void)?
    }

    let timeout: Duration
    /// A handler like any other: it may block.
    let answer: @Sendable () -> Response
    private let whenOver: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - timeout: from when the server gets this to when it answers by itself, half a second more at most.
    ///   - whenOver: called once, before the answer is worked out or when there is nobody to answer any more. The server
    ///     waits for it, so it must not block.
    package init(
        within timeout: Duration, whenOver: @escaping @Sendable () -> Void = {},
        answer: @escaping @Sendable () -> Response
    ) {
        self.timeout = timeout
        self.whenOver = whenOver
        self.answer = answer
    }

    /// Has it answered now. From any thread, any number of times.
    package func wake() {
        let wakeServer = state.withLock { state in
            state.isAwake = true
            defer { state.wakeServer = nil }
            return state.wakeServer
        }
        wakeServer?()
    }

    /// Calls `wakeServer` once, when it is woken; true when that has happened already.
    func attach(_ wakeServer: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if !state.isAwake { state.wakeServer = wakeServer }
            return state.isAwake
        }
    }

    func end() {
        let isFirst = state.withLock { state in
            defer { state = State(isAwake: true, isOver: true) }
            return !state.isOver
        }
        if isFirst { whenOver() }
    }
}
