// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Holds handlers until the test opens it, and counts those that have come.
final class Gate: Sendable {
    private let group = DispatchGroup()
    private let count = Atomic(0)

    init() { group.enter() }

    var arrived: Int { count.load(ordering: .sequentiallyConsistent) }

    func open() { group.leave() }

    func pass() {
        count.add(1, ordering: .sequentiallyConsistent)
        group.wait()
    }
}
