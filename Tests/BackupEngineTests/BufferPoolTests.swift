// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import BackupEngine

struct BufferPoolTests {
    @Test(arguments: [1, 100, 4095, 4096, 4097, 10_000])
    func `counts the memory that a lease takes, not the bytes asked for`(_ byteCount: Int) throws {
        let pool = BufferPool(limitBytes: 65536)
        var leases: [BufferLease] = []
        while let lease = try pool.leaseIfFree(byteCount) { leases.append(lease) }
        #expect(leases.allSatisfy { $0.bytes.count >= byteCount })
        #expect(leases.count == 65536 / ((byteCount + 4095) / 4096 * 4096))
        #expect(pool.usage.leasedBytes <= 65536)
        leases.removeAll()
        #expect(pool.usage == BufferPool.Usage())
    }

    @Test func `refuses what the limit can never give`() throws {
        let pool = BufferPool(limitBytes: 8192)
        #expect(throws: EngineError.self) { try pool.lease(8193) }
        #expect(throws: EngineError.self) { try pool.lease(.max) }
        #expect(throws: Never.self) { _ = try pool.lease(8192) }
        #expect(try pool.leaseIfFree(.max) == nil)
    }

    @Test func `while several share it, none takes more than its part ahead of the others`() throws {
        let pool = BufferPool(limitBytes: 65536)
        let first = pool.share()
        var second: BufferPool.Share? = pool.share()
        var leases: [BufferLease] = []
        while let lease = try first.leaseIfFree(4096) { leases.append(lease) }
        #expect(leases.count == 8)
        #expect(throws: Never.self) { _ = try first.lease(4096, JobControl()) }
        #expect(try second?.leaseIfFree(4096) != nil)
        second = nil
        while let lease = try first.leaseIfFree(4096) { leases.append(lease) }
        #expect(leases.count == 16)
        leases.removeAll()
        #expect(try first.leaseIfFree(65536) != nil)
        #expect(pool.usage == BufferPool.Usage())
    }

    @Test func `a job gives back what is more than its part once there is another one`() throws {
        let pool = BufferPool(limitBytes: 8 << 20)
        let first = pool.share()
        let lease = try first.lease(6 << 20, JobControl())
        #expect(!first.isWanted)
        do {
            let second = pool.share()
            #expect(first.isWanted && !second.isWanted)
        }
        #expect(!first.isWanted)
        withExtendedLifetime(lease) {}
    }

    @Test func `gives two at once or none`() throws {
        let pool = BufferPool(limitBytes: 65536)
        #expect(throws: EngineError.self) { try pool.leaseTwo(32769) }
        #expect(throws: EngineError.self) { try pool.leaseTwo(.max) }
        var held: BufferLease? = try pool.lease(4096)
        let done = DispatchGroup()
        DispatchQueue.global().async(group: done) {
            let both = try? pool.leaseTwo(32768)
            #expect(both?.0.bytes.count == 32768 && both?.1.bytes.count == 32768)
        }
        #expect(eventually { pool.usage.waiting == 1 })
        #expect(pool.usage.leasedBytes == 4096)
        withExtendedLifetime(held) {}
        held = nil
        done.wait()
        #expect(pool.usage == BufferPool.Usage())
    }

    @Test func `keeps idle memory only within the limit, and none when nobody works`() throws {
        let pool = BufferPool(limitBytes: 1 << 20)
        let keeper = try pool.lease(4096)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            let lease = try pool.lease(.random(in: 1...600_000, using: &random))
            withExtendedLifetime(lease) { #expect(pool.usage.leasedBytes + pool.usage.idleBytes <= 1 << 20) }
        }
        #expect(pool.usage.leasedBytes == 4096)
        #expect((0...1 << 20).contains(pool.usage.idleBytes))
        withExtendedLifetime(keeper) {}
    }

    @Test func `grants in the order of asking, small ones behind large ones`() throws {
        let pool = BufferPool(limitBytes: 1 << 20)
        let order = Mutex<[Int]>([])
        let done = DispatchGroup()
        var first: BufferLease? = try pool.lease(1 << 20)
        for (index, byteCount) in [900_000, 4096, 600_000, 4096].enumerated() {
            DispatchQueue.global().async(group: done) {
                let lease = try? pool.lease(byteCount)
                order.withLock { $0.append(index) }
                // The next in line gets its turn only now, so the order is that of the grants.
                withExtendedLifetime(lease) {}
            }
            #expect(eventually { pool.usage.waiting == index + 1 })
        }
        #expect(try pool.leaseIfFree(1) == nil)
        withExtendedLifetime(first) {}
        first = nil
        done.wait()
        let granted = order.withLock { $0 }
        #expect(granted.sorted() == [0, 1, 2, 3])
        #expect(granted.firstIndex(of: 0) ?? 9 < granted.firstIndex(of: 2) ?? 0)
        #expect(pool.usage == BufferPool.Usage())
    }

    @Test func `many threads that hold one lease at a time never stand still`() throws {
        let pool = BufferPool(limitBytes: 256 << 10)
        let held = Atomic(0)
        let worst = Mutex(0)
        let rounds = isSoak ? 20_000 : 500
        let done = DispatchGroup()
        for thread in 0..<8 {
            DispatchQueue(label: "thread \(thread)").async(group: done) {
                var random = SeededGenerator(seed: UInt64(thread))
                for _ in 0..<rounds {
                    let byteCount = Int.random(in: 1...256 << 10, using: &random)
                    let lease =
                        Bool.random(using: &random) ? try? pool.lease(byteCount) : try? pool.leaseIfFree(byteCount)
                    guard let lease else { continue }
                    let now = held.add(byteCount, ordering: .relaxed).newValue
                    worst.withLock { $0 = max($0, now) }
                    lease.bytes[0] = 1
                    lease.bytes[byteCount - 1] = 1
                    held.subtract(byteCount, ordering: .relaxed)
                    withExtendedLifetime(lease) {}
                }
            }
        }
        #expect(done.wait(timeout: .now() + 120) == .success)
        #expect(worst.withLock { $0 } <= 256 << 10)
        #expect(pool.usage == BufferPool.Usage())
    }
}
