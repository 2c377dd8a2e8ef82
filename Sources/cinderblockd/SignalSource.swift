// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// Signals as events: the default action is off, a Dispatch source tells of them.
final class SignalSource {
    private let sources: [any DispatchSourceSignal]
    private let arrived = DispatchSemaphore(value: 0)
    private let queue = DispatchQueue(label: "signals")

    init(_ signals: [Int32]) {
        let (queue, arrived) = (self.queue, self.arrived)
        sources = signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { arrived.signal() }
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
