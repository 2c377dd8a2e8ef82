// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Threads for work that waits for the disk as much as it computes. They are made when they are needed, up to a
/// limit, and most go when they are not; work beyond the limit waits in the order in which it came.
///
/// Dispatch on Linux gives a concurrent queue as many threads as there are cores, and for a second or so it counts
/// those that wait for the disk: half of the cores would be idle.
package final class WorkerThreads: Sendable {
    package typealias Work = @Sendable () -> Void

    private let crew: Crew

    /// - Parameters:
    ///   - idleLimit: How many threads are kept when there is nothing to do.
    ///   - name: What the system shows the threads as.
    ///   - begin: What each thread does first.
    package init(
        limit: Int, keeping idleLimit: Int, named name: String = "worker", begin: @escaping Work = {}
    ) {
        crew = Crew(limit: max(1, limit), idleLimit: idleLimit, name: name, begin: begin)
    }

    /// What was begun or waits is still done.
    deinit { crew.dismiss() }

    package func run(_ work: @escaping Work) { crew.run(work) }

    /// Whether work waits although all threads that may be are there: who keeps one for long should let go of it.
    package var areWanted: Bool { crew.areWanted }
}

/// What the threads themselves hold on to.
private final class Crew: Sendable {
    private struct State {
        var waiting: [WorkerThreads.Work] = []
        var threads = 0
        /// Threads that wait, and that nobody has woken yet.
        var idle = 0
        var isDismissed = false
    }

    private let limit: Int
    private let idleLimit: Int
    private let name: String
    private let begin: WorkerThreads.Work
    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    init(limit: Int, idleLimit: Int, name: String, begin: @escaping WorkerThreads.Work) {
        self.limit = limit
        self.idleLimit = idleLimit
        self.name = name
        self.begin = begin
    }

    func run(_ work: @escaping WorkerThreads.Work) {
        let needsThread = state.withLock { state in
            state.waiting.append(work)
            if state.idle > 0 {
                state.idle -= 1
                wakeUp.signal()
                return false
            }
            guard state.threads < limit else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        Thread.detachNewThread {
            Thread.current.name = self.name
            self.begin()
            while let work = self.next() { work() }
        }
    }

    var areWanted: Bool { state.withLock { $0.threads == limit && !$0.waiting.isEmpty } }

    func dismiss() {
        state.withLock { state in
            state.isDismissed = true
            for _ in 0..<state.idle { wakeUp.signal() }
            state.idle = 0
        }
    }

    /// Waits for work; nil when the thread is to end.
    private func next() -> WorkerThreads.Work? {
        while true {
            let work: WorkerThreads.Work?? = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                if state.isDismissed || state.idle >= idleLimit {
                    state.threads -= 1
                    return .some(nil)
                }
                state.idle += 1
                return nil
            }
            if let work { return work }
            wakeUp.wait()
        }
    }
}
