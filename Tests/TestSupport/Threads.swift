// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation

/// Threads of a test that may all wait at the same time, which Dispatch and Swift's tasks do not give.
package final class Threads: Sendable {
    private let group = DispatchGroup()

    /// Starts `count` of them, each with its number from 0.
    package init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for number in 0..<count {
            group.enter()
            Thread.detachNewThread { [group] in
                body(number)
                group.leave()
            }
        }
    }

    /// Whether all have ended by then.
    package func end(within deadline: Duration = .seconds(60)) -> Bool {
        group.wait(timeout: .now() + deadline / .seconds(1)) == .success
    }
}
