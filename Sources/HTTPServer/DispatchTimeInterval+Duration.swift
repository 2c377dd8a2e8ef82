// SPDX-License-Identifier: Apache-2.0
import Dispatch

extension DispatchTimeInterval {
    /// In milliseconds, and at most a month: Dispatch counts nanoseconds, and must not overflow.
    init(_ duration: Duration) {
        let month = Duration.seconds(30 * 86_400)
        let (seconds, attoseconds) = min(max(duration, .zero), month).components
        self = .milliseconds(Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
