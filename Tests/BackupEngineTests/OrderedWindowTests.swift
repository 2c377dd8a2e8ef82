// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

struct OrderedWindowTests {
    private let threads = WorkerThreads(limit: 8, keeping: 2)

    private struct Failure: Error, Equatable { let number: Int }

    @Test(arguments: [1, 2, 3, 16])
    func `hands results back in the order of submission`(_ width: Int) throws {
        let window = OrderedWindow<Int>(width: width, threads: threads)
        var results: [Int] = []
        for number in 0..<500 {
            if window.isFull { results.append(try window.next()) }
            window.submit {
                if number % 3 == 0 { yieldSome(number % 7) }
                return number
            }
        }
        #expect(window.isFull)
        while !window.isEmpty { results.append(try window.next()) }
        #expect(results == Array(0..<500))
    }

    @Test func `an error comes at its place, and work around it is done`() throws {
        let window = OrderedWindow<Int>(width: 4, threads: threads)
        for number in 0..<4 {
            window.submit {
                if number == 2 { throw Failure(number: number) }
                return number
            }
        }
        #expect(try window.next() == 0)
        #expect(try window.next() == 1)
        #expect(throws: Failure(number: 2)) { try window.next() }
        #expect(try window.next() == 3)
        #expect(window.isEmpty)
    }

    @Test func `no more run at once than the window is wide`() throws {
        let window = OrderedWindow<Void>(width: 3, threads: threads)
        let running = Atomic(0)
        let most = Mutex(0)
        for _ in 0..<300 {
            if window.isFull { try window.next() }
            window.submit {
                let now = running.add(1, ordering: .relaxed).newValue
                most.withLock { $0 = max($0, now) }
                running.subtract(1, ordering: .relaxed)
            }
        }
        window.drain()
        #expect((1...3).contains(most.withLock { $0 }))
    }

    @Test func `drain waits for what was begun and lets nothing begin afterwards`() {
        for _ in 0..<300 {
            let begun = Mutex(0)
            let ended = Mutex(0)
            // One thread: the later ones have not begun when the window is drained.
            let thread = WorkerThreads(limit: 1, keeping: 1)
            let window = OrderedWindow<Void>(width: 8, threads: thread)
            for _ in 0..<8 {
                window.submit {
                    begun.withLock { $0 += 1 }
                    yieldSome(3)
                    ended.withLock { $0 += 1 }
                }
            }
            window.drain()
            let after = begun.withLock { $0 }
            #expect(ended.withLock { $0 } == after)
            #expect(window.isEmpty)
            let isThrough = DispatchSemaphore(value: 0)
            thread.run { isThrough.signal() }
            isThrough.wait()
            #expect(begun.withLock { $0 } == after)
        }
    }

    @Test func `what has ended first can be had first`() throws {
        let window = OrderedWindow<Int>(width: 3, threads: threads)
        let mayEnd = DispatchSemaphore(value: 0)
        window.submit {
            mayEnd.wait()
            return 0
        }
        window.submit { 1 }
        window.submit { throw Failure(number: 2) }
        var ended: Set<Int> = []
        for _ in 0..<2 {
            do {
                ended.insert(try #require(try window.nextFinished(within: .seconds(30))))
            } catch let error as Failure {
                ended.insert(error.number)
            }
        }
        #expect(ended == [1, 2])
        #expect(try window.nextFinished(within: .milliseconds(1)) == nil)
        mayEnd.signal()
        #expect(try window.nextFinished(within: .seconds(30)) == 0)
        #expect(window.isEmpty)
    }

    @Test func `letting go of a window drains it`() {
        let ended = Mutex(0)
        let begun = Mutex(0)
        do {
            let window = OrderedWindow<Void>(width: 8, threads: threads)
            for _ in 0..<8 {
                window.submit {
                    begun.withLock { $0 += 1 }
                    yieldSome(3)
                    ended.withLock { $0 += 1 }
                }
            }
        }
        #expect(begun.withLock { $0 } == ended.withLock { $0 })
    }
}

/// Gives other threads a chance to overtake.
private func yieldSome(_ times: Int) {
    for _ in 0..<times { sched_yield() }
}
