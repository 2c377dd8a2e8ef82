// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Dispatch
import Synchronization
import Testing

struct WorkerThreadsTests {
    @Test func `as many run at once as the limit says, however many cores there are`() {
        let limit = 40
        let threads = WorkerThreads(limit: limit, keeping: 1)
        let begun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let ended = DispatchGroup()
        for _ in 0..<limit + 5 {
            ended.enter()
            threads.run {
                begun.signal()
                mayEnd.wait()
                ended.leave()
            }
        }
        // All of them wait inside their work at the same time; the five others have not begun.
        for _ in 0..<limit { #expect(begun.wait(timeout: .now() + 30) == .success) }
        #expect(begun.wait(timeout: .now()) == .timedOut)
        for _ in 0..<limit + 5 { mayEnd.signal() }
        #expect(ended.wait(timeout: .now() + 30) == .success)
    }

    @Test func `work is begun in the order in which it came`() {
        let threads = WorkerThreads(limit: 1, keeping: 0)
        let order = Mutex<[Int]>([])
        let ended = DispatchGroup()
        for number in 0..<200 {
            ended.enter()
            threads.run {
                order.withLock { $0.append(number) }
                ended.leave()
            }
        }
        #expect(ended.wait(timeout: .now() + 30) == .success)
        #expect(order.withLock { $0 } == Array(0..<200))
    }

    @Test func `work that came before its threads were let go of is done`() {
        let ended = DispatchGroup()
        do {
            let threads = WorkerThreads(limit: 2, keeping: 2)
            for _ in 0..<100 {
                ended.enter()
                threads.run { ended.leave() }
            }
        }
        #expect(ended.wait(timeout: .now() + 30) == .success)
    }
}
