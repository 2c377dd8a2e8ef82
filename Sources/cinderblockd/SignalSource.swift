// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// Signals as events: the default action is off, a Dispatch source tells of them.
final class SignalSource {
    private let sources: [any DispatchSourceSignal]
    private let arrived = DispatchSemaphore(value: 0)
    private let queue = DispatchQueue(label: "signals")

    /// - Parameter body: called when the first of them has arrived, on a queue of their own.
    init(_ signals: [Int32], whenFirst body: @escaping @Sendable () -> Void = {}) {
        let (queue, arrived) = (self.queue, self.arrived)
        let hasArrived = Atomic(false)
        sources = signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if !hasArrived.exchange(true, ordering: .relaxed) { body() }
                arrived.signal()
            }
            source.resume()
            return source
        }
    }

    /// Returns when one of the signals has arrived.
    func wait() { arrived.wait() }

    /// Calls `body` for each signal instead.
    func handle(_ body: @escaping @Sendable () -> Void) {
        for source in sources { source.setEventHandler(handler: body) }
    }
}
