// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Dispatch
import ObjectStorage
import Synchronization
import TestSupport
import Testing

struct ConcurrentJobsTests {
    @Test func `many jobs share an engine whose memory is enough for one`() throws {
        let memory = MemoryObjectStore()
        let engine = try BackupChain(memory, poolBytes: 3 << 19, parallelism: 4).engine
        let failures = Mutex<[String]>([])
        let done = DispatchGroup()
        for job in 0..<6 {
            let random = SeededGenerator(seed: UInt64(100 + job))
            DispatchQueue(label: "job \(job)").async(group: done) {
                do {
                    try Self.runJob(job, on: engine, random)
                } catch {
                    failures.withLock { $0.append("job \(job): \(error)") }
                }
            }
        }
        #expect(done.wait(timeout: .now() + 300) == .success)
        #expect(failures.withLock { $0 } == [])
        #expect(engine.isIdle)
    }

    private struct WrongBytes: Error {}

    private static func runJob(_ job: Int, on engine: Engine, _ seeded: SeededGenerator) throws {
        var random = seeded
        let chain = try BackupChain(engine)
        let algorithm = CompressionAlgorithm.allCases[job % 4]
        for _ in 0..<(isSoak ? 50 : 3) {
            let volume = SeededVolume(
                about: 1_000_000, chunkBytes: 1 << 18, blockBytes: 4096, using: &random)
            try volume.write(to: chain.path("volume"), using: &random)
            let point = try chain.backUp(
                chain.path("volume"), Compression(algorithm), chunkBytes: 1 << 18, isFull: true)
            // Some are cancelled half-way, which must not harm the others.
            let calls = Atomic(0)
            let control = JobControl(isAbandoned: { calls.add(1, ordering: .relaxed).newValue > 2 })
            _ = try? chain.restore(point.layers, control: control)
            guard try chain.restore(point.layers) == volume.bytes else { throw WrongBytes() }
        }
    }
}
