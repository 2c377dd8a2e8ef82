// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix
import Synchronization

/// The memory of all jobs: one number in the configuration (`memory_limit_bytes`).
///
/// Whoever needs a large buffer leases it here and gives it back by letting go of the lease. When the limit is
/// reached, leases are granted in the order in which they were asked for. No deadlock can come of this as long
/// as nobody waits for a lease while holding one that only he himself can free.
package final class BufferPool: Sendable {
    package let limitBytes: Int
    private let state = Mutex(State())

    private struct State {
        var leasedBytes = 0
        var shares = 0
        var idle: [AlignedBuffer] = []
        var idleBytes = 0
        var waiting: [Waiter] = []
    }

    private final class Waiter: Sendable {
        let byteCount: Int
        let granted = DispatchSemaphore(value: 0)
        init(byteCount: Int) { self.byteCount = byteCount }
    }

    package init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// What the pool holds now.
    package struct Usage: Sendable, Equatable {
        package var leasedBytes = 0
        package var idleBytes = 0
        package var waiting = 0

        package init() {}
    }

    package var usage: Usage {
        state.withLock { state in
            var usage = Usage()
            usage.leasedBytes = state.leasedBytes
            usage.idleBytes = state.idleBytes
            usage.waiting = state.waiting.count
            return usage
        }
    }

    /// Waits until the pool has room, or the job is not wanted any more.
    /// - Throws: `EngineError.memoryLimitTooSmall` when it never will; `SystemCallError` when the machine has none.
    package func lease(_ neededBytes: Int, _ control: JobControl = JobControl()) throws -> BufferLease {
        let byteCount = wholePages(neededBytes)
        try take(byteCount, control)
        return try granted(byteCount)
    }

    /// Two buffers of that size at once: neither is held while the other one is waited for.
    package func leaseTwo(_ neededBytes: Int, _ control: JobControl = JobControl()) throws -> (
        BufferLease, BufferLease
    ) {
        let byteCount = wholePages(neededBytes)
        try take(2 * byteCount, control)
        let first: BufferLease
        do {
            first = try granted(byteCount)
        } catch {
            release(nil, byteCount: byteCount)  // `granted` gives back only its own
            throw error
        }
        return (first, try granted(byteCount))
    }

    /// Counts the bytes as leased, as soon as that is possible.
    private func take(_ byteCount: Int, _ control: JobControl) throws {
        guard (0...limitBytes).contains(byteCount) else {
            throw EngineError.memoryLimitTooSmall(needed: byteCount, limit: limitBytes)
        }
        let waiter = state.withLock { state -> Waiter? in
            if state.waiting.isEmpty, state.leasedBytes + byteCount <= limitBytes {
                state.leasedBytes += byteCount
                return nil
            }
            let waiter = Waiter(byteCount: byteCount)
            state.waiting.append(waiter)
            return waiter
        }
        if let waiter { try wait(for: waiter, control) }
    }

    private func wait(for waiter: Waiter, _ control: JobControl) throws {
        while waiter.granted.wait(timeout: .now() + .milliseconds(200)) == .timedOut {
            guard control.isAbandoned() else { continue }
            let wasWaiting = state.withLock { state in
                let index = state.waiting.firstIndex { $0 === waiter }
                if let index { state.waiting.remove(at: index) }
                return index != nil
            }
            // Granted a moment ago: the bytes are counted, and go back. Leaving may let the next one in, too.
            release(nil, byteCount: wasWaiting ? 0 : waiter.byteCount)
            throw EngineError.cancelled
        }
    }

    /// nil when the pool has no room now, or others are waiting for it.
    package func leaseIfFree(_ neededBytes: Int) throws -> BufferLease? {
        try leaseIfFree(neededBytes) { _ in true }
    }

    private func leaseIfFree(_ neededBytes: Int, _ isAllowed: (State) -> Bool) throws -> BufferLease? {
        let byteCount = wholePages(neededBytes)
        let isFree = state.withLock { state in
            guard state.waiting.isEmpty, state.leasedBytes + byteCount <= limitBytes, isAllowed(state) else {
                return false
            }
            state.leasedBytes += byteCount
            return true
        }
        return isFree ? try granted(byteCount) : nil
    }

    /// What a buffer takes from the machine.
    private func wholePages(_ byteCount: Int) -> Int {
        guard byteCount < Int.max / 4 else { return Int.max / 4 }  // more than there is, and no overflow
        let pages = max(1, (byteCount + AlignedBuffer.pageBytes - 1) / AlignedBuffer.pageBytes)
        return pages * AlignedBuffer.pageBytes
    }

    /// Finds or makes the buffer for bytes that are already counted as leased.
    private func granted(_ byteCount: Int) throws -> BufferLease {
        let reused = state.withLock { state -> AlignedBuffer? in
            if let index = state.idle.lastIndex(where: { $0.bytes.count == byteCount }) {
                state.idleBytes -= byteCount
                return state.idle.remove(at: index)
            }
            while state.leasedBytes + state.idleBytes > limitBytes, let unused = state.idle.popLast() {
                state.idleBytes -= unused.bytes.count
            }
            return nil
        }
        do {
            return BufferLease(try reused ?? AlignedBuffer(byteCount: byteCount), byteCount: byteCount, pool: self)
        } catch {
            release(nil, byteCount: byteCount)
            throw error
        }
    }

    fileprivate func release(_ buffer: AlignedBuffer?, byteCount: Int) {
        let granted = state.withLock { state -> [Waiter] in
            state.leasedBytes -= byteCount
            if let buffer {
                state.idle.append(buffer)
                state.idleBytes += byteCount
            }
            var granted: [Waiter] = []
            while let first = state.waiting.first, state.leasedBytes + first.byteCount <= limitBytes {
                state.leasedBytes += first.byteCount
                granted.append(state.waiting.removeFirst())
            }
            if state.leasedBytes == 0 {  // nobody works: the memory goes back to the machine
                state.idle.removeAll()
                state.idleBytes = 0
            }
            return granted
        }
        for waiter in granted { waiter.granted.signal() }
    }
}

extension BufferPool {
    /// One job's view of the pool. While several jobs run, none of them takes more than its part ahead of the
    /// others; what it must have to go on at all, it may wait for beyond that.
    final class Share: Sendable {
        private let pool: BufferPool
        private let leasedBytes = Atomic(0)

        fileprivate init(_ pool: BufferPool) {
            self.pool = pool
            pool.state.withLock { $0.shares += 1 }
        }

        deinit { pool.state.withLock { $0.shares -= 1 } }

        var limitBytes: Int { pool.limitBytes }

        /// Whether the job should give back what it has: others wait for it, or it has more than its part since another
        /// one has begun.
        var isWanted: Bool {
            let leasedBytes = leasedBytes.load(ordering: .relaxed)
            return pool.state.withLock { state in
                !state.waiting.isEmpty || leasedBytes > pool.limitBytes / max(1, state.shares)
            }
        }

        func lease(_ neededBytes: Int, _ control: JobControl) throws -> BufferLease {
            counted(try pool.lease(neededBytes, control))
        }

        func leaseTwo(_ neededBytes: Int, _ control: JobControl) throws -> (BufferLease, BufferLease) {
            let (first, second) = try pool.leaseTwo(neededBytes, control)
            return (counted(first), counted(second))
        }

        /// nil also when the job has its part already.
        func leaseIfFree(_ neededBytes: Int) throws -> BufferLease? {
            let leasedBytes = leasedBytes.load(ordering: .relaxed)
            return try pool.leaseIfFree(neededBytes) { state in
                leasedBytes + neededBytes <= pool.limitBytes / max(1, state.shares)
            }.map(counted)
        }

        private func counted(_ lease: BufferLease) -> BufferLease {
            leasedBytes.add(lease.byteCount, ordering: .relaxed)
            lease.share = self
            return lease
        }

        fileprivate func release(_ byteCount: Int) { leasedBytes.subtract(byteCount, ordering: .relaxed) }
    }

    func share() -> Share { Share(self) }
}

/// A buffer on loan from the pool; letting go of it gives it back.
package final class BufferLease: @unchecked Sendable {  // `share` is set before anyone else has the lease
    private let buffer: AlignedBuffer
    fileprivate let byteCount: Int
    private let pool: BufferPool
    fileprivate var share: BufferPool.Share?

    fileprivate init(_ buffer: AlignedBuffer, byteCount: Int, pool: BufferPool) {
        self.buffer = buffer
        self.byteCount = byteCount
        self.pool = pool
    }

    deinit {
        pool.release(buffer, byteCount: byteCount)
        share?.release(byteCount)
    }

    package var bytes: UnsafeMutableRawBufferPointer { buffer.bytes }
}
