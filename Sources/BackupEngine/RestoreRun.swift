// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch

extension Engine {
    /// Writes a chain to a volume: every block that stays is checked before it is written, and written once. Short
    /// gaps between them may hold older bytes for a while (`RestoreMap.queues`).
    ///
    /// When this returns, the volume holds the backup, durably. When it throws, `target.hasBeenWritten` tells
    /// whether the volume was touched.
    /// - Throws: `EngineError`, `SystemCallError`, `StorageError`.
    package func restore(_ chain: RestoreChain, to target: RestoreTarget, control: JobControl) throws {
        let map = try RestoreMap(chain.layers, length: chain.length, engine: self, control: control)
        try control.checkpoint()
        try target.prepare(chain.length)
        let run = RestoreRun(engine: self, chain: chain, map: map, target: target, control: control)
        try run.writeObjects()
        try run.checkCutBlocks()
        try target.finish()
    }
}

/// One restore under way. Its thread sees to it that workers are there, as many as there is memory for, and asks the
/// catalog now and then; they take the objects of the map one after the other.
private final class RestoreRun {
    private let control: JobControl
    private let worker: RestoreWorker
    private let pool: BufferPool.Share
    private let threads: WorkerThreads
    private let working: OrderedWindow<Void>
    private let workerBytes: Int

    init(engine: Engine, chain: RestoreChain, map: RestoreMap, target: RestoreTarget, control: JobControl) {
        self.control = control
        let meter = ProgressMeter(
            JobProgress(phase: .restoring, bytesTotal: chain.length), report: control.report)
        worker = RestoreWorker(
            engine: engine, chain: chain, containers: OpenContainers(engine.store), map: map, target: target,
            writer: RestoreWriter(
                target: target, meter: meter, traffic: engine.traffic, isAbandoned: control.isAbandoned),
            check: chain.digests.map { BlockCheck(digests: $0, length: chain.length) },
            cutBlocks: CutBlocks(), control: control, meter: meter)
        // Half of the workers wait for the disk at any time.
        let width = 2 * engine.parallelism
        threads = engine.threads
        working = OrderedWindow(width: width, threads: threads)
        pool = engine.pool.share()
        workerBytes = worker.memoryBytes(sharedBy: width)
    }

    func writeObjects() throws {
        defer { working.drain() }
        do {
            for queue in worker.map.queues() { try writeObjects(queue) }
        } catch {
            // Workers would go on to the end of the queue.
            worker.writer.fail(error)
            throw error
        }
        worker.meter.finish()
        try worker.meter.checkWhole()
    }

    private func writeObjects(_ objects: RestoreQueue) throws {
        while !objects.isEmpty || !working.isEmpty {
            try control.checkpoint()
            while !objects.isEmpty, !working.isFull, let memory = try memory() { submit(objects, memory) }
            if !working.isEmpty { _ = try working.nextFinished(within: .milliseconds(100)) }
        }
    }

    private func memory() throws -> BufferLease? {
        try working.isEmpty ? pool.lease(workerBytes, control) : pool.leaseIfFree(workerBytes)
    }

    private func submit(_ objects: RestoreQueue, _ memory: BufferLease) {
        let (worker, pool, threads) = (self.worker, self.pool, self.threads)
        working.submit { try worker.restore(objects, memory: memory) { pool.isWanted || threads.areWanted } }
    }

    /// Blocks that come from several objects can be checked only when they are together.
    func checkCutBlocks() throws {
        guard let check = worker.check else { return }
        let blocks = worker.cutBlocks.all
        guard !blocks.isEmpty else { return }
        let memory = try pool.lease(worker.laneBytes, control)
        try worker.engine.benches.withBench { bench in
            for block in blocks {
                try control.checkpoint()
                let range = check.range(ofBlock: block)
                let bytes = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<range.count])
                let count = try worker.target.read(into: bytes, at: range.lowerBound)
                let damaged = try check.firstDamaged(
                    block..<block + 1, in: UnsafeRawBufferPointer(bytes), at: range.lowerBound, bench)
                if count < range.count || damaged != nil {
                    throw EngineError.corruptBlock(name: "(several objects)", offset: range.lowerBound)
                }
            }
        }
    }
}
