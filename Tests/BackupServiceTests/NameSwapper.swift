// SPDX-License-Identifier: Apache-2.0
import Foundation
import Posix
import Synchronization

/// Swaps two names in a directory on a thread of its own, again and again until it is stopped.
final class NameSwapper: Sendable {
    private let isStopped = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ a: String, _ b: String, in directory: OpenFile) {
        Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                try? directory.rename(a, to: "third")
                try? directory.rename(b, to: a)
                try? directory.rename("third", to: b)
            }
            ended.signal()
        }.start()
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        ended.wait()
    }
}
