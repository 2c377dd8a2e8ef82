// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Runs pieces of work a few at a time and hands their results back in the order of submission, or as they come.
///
/// One thread owns the window. However it lets go of it, work that was begun has ended by then and work that
/// was not never starts: nothing can be written after a job has failed or been cancelled.
package final class OrderedWindow<Output: Sendable> {
    private let width: Int
    private let threads: WorkerThreads
    private var slots: [Slot] = []
    private let abandoned = AbandonedFlag()
    /// Signalled for each piece of work that has ended.
    private let ended = DispatchSemaphore(value: 0)

    package init(width: Int, threads: WorkerThreads) {
        self.width = max(1, width)
        self.threads = threads
    }

    deinit { drain() }

    package var isEmpty: Bool { slots.isEmpty }
    package var isFull: Bool { slots.count >= width }

    /// - Precondition: The window is not full.
    package func submit(_ work: @escaping @Sendable () throws -> Output) {
        precondition(!isFull)
        let slot = Slot()
        slots.append(slot)
        let (abandoned, ended) = (self.abandoned, self.ended)
        threads.run {
            slot.finish(abandoned.isSet ? nil : Result { try work() })
            ended.signal()
        }
    }

    /// True when `next` would not wait.
    package var hasNext: Bool { slots.first?.isFinished ?? false }

    /// Waits for the oldest piece of work and answers its result, or throws its error.
    /// - Precondition: The window is not empty.
    package func next() throws -> Output {
        try Self.result(of: slots.removeFirst())
    }

    /// Waits until some piece of work has ended, whichever it is, and answers its result, or throws its error; nil
    /// when none has for so long.
    package func nextFinished(within time: DispatchTimeInterval) throws -> Output? {
        let deadline = DispatchTime.now() + time
        while true {
            if let index = slots.firstIndex(where: \.isFinished) {
                return try Self.result(of: slots.remove(at: index))
            }
            guard ended.wait(timeout: deadline) == .success else { return nil }
        }
    }

    private static func result(of slot: Slot) throws -> Output {
        guard let result = slot.wait() else { throw CancellationError() }
        return try result.get()
    }

    /// Waits for all work that was begun, and forgets the rest.
    package func drain() {
        abandoned.set()
        for slot in slots { _ = slot.wait() }
        slots.removeAll()
    }

    private final class Slot: Sendable {
        private let result = Mutex<Result<Output, any Error>??>(nil)
        private let finished = DispatchSemaphore(value: 0)

        var isFinished: Bool { result.withLock { $0 != nil } }

        func finish(_ outcome: Result<Output, any Error>?) {
            result.withLock { $0 = .some(outcome) }
            finished.signal()
        }

        func wait() -> Result<Output, any Error>? {
            finished.wait()
            return result.withLock { $0 ?? nil }
        }
    }

    private final class AbandonedFlag: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }
}
