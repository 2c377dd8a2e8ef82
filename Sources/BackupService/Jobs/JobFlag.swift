// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Tells a running job that it is not wanted any more. The catalog is what counts; the flag makes the news
/// travel faster than the next poll.
package final class JobFlag: Sendable {
    package enum Reason: Int, Sendable, AtomicRepresentable {
        case none
        /// A client has cancelled it.
        case cancelled
        /// The daemon stops.
        case stopping
    }

    private let reason = Atomic(Reason.none)
    private let stopped = DispatchSemaphore(value: 0)

    package init() {}

    package var isRaised: Bool { reason.load(ordering: .acquiring) != .none }
    package var isStopping: Bool { reason.load(ordering: .acquiring) == .stopping }

    /// Stopping outweighs cancelled: it ends waiting, too.
    package func raise(_ reason: Reason) {
        switch reason {
        case .none: break
        case .cancelled:
            _ = self.reason.compareExchange(expected: .none, desired: .cancelled, ordering: .acquiringAndReleasing)
        case .stopping:
            self.reason.store(.stopping, ordering: .releasing)
            stopped.signal()
        }
    }

    /// False, at once, when the daemon stops.
    func waitUnlessStopping(seconds: Double) -> Bool {
        !isStopping && stopped.wait(timeout: .now() + seconds) == .timedOut
    }
}
