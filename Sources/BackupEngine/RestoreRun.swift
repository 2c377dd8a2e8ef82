// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage
import Synchronization

extension Engine {
    /// Writes a chain to a volume: each range once, every block checked before it is written.
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
        try target.synchronize()
    }
}

/// One restore under way: its thread goes through the map, a window of workers fetches, unpacks, checks and
/// writes groups of objects.
private final class RestoreRun {
    private let engine: Engine
    private let chain: RestoreChain
    private let map: RestoreMap
    private let control: JobControl
    private let worker: RestoreWorker
    private let pool: BufferPool.Share
    /// Workers answer the blocks of which they have written a part only.
    private let writing: OrderedWindow<[Int]>
    private var cutBlocks: Set<Int> = []
    /// Memory that a group of objects is allowed, or a little more.
    private let groupBytes: Int

    init(engine: Engine, chain: RestoreChain, map: RestoreMap, target: RestoreTarget, control: JobControl) {
        self.engine = engine
        self.chain = chain
        self.map = map
        self.control = control
        let check = chain.digests.map { BlockCheck(digests: $0, length: chain.length, zeros: engine.zeros) }
        let meter = ProgressMeter(
            JobProgress(phase: .restoring, bytesTotal: chain.length), report: control.report)
        worker = RestoreWorker(
            engine: engine, chain: chain, map: map, target: target, check: check, control: control, meter: meter)
        // Half of the workers wait for the disk at any time.
        let width = 2 * engine.parallelism
        writing = OrderedWindow(width: width, threads: engine.threads)
        pool = engine.pool.share()
        // Half of the memory: the last object of a group may go beyond its part.
        groupBytes = pool.limitBytes / 2 / width
    }

    func writeObjects() throws {
        defer { writing.drain() }
        var objects = SpoolCursor(map.objects)
        var group = try nextGroup(&objects)
        while !group.isEmpty || !writing.isEmpty {
            while !group.isEmpty, !writing.isFull, let memory = try memory(group) {
                try control.checkpoint()
                let (worker, taken) = (self.worker, group)
                writing.submit { try worker.restore(taken, memory: memory) }
                group = try nextGroup(&objects)
            }
            cutBlocks.formUnion(try writing.nextFinished())
            guard cutBlocks.count <= Self.cutBlockLimit else { throw tooManyCutBlocks }
        }
    }

    private func nextGroup(_ objects: inout SpoolCursor<MappedObject>) throws -> [MappedObject] {
        var group: [MappedObject] = []
        var byteCount = 0
        while group.count < RestoreWorker.largestGroup, byteCount < groupBytes, let object = try objects.next() {
            group.append(object)
            byteCount += worker.memoryBytes(object)
        }
        return group
    }

    private static let cutBlockLimit = 1 << 16

    private var tooManyCutBlocks: EngineError {
        .badMetadata(
            name: chain.layers.last?.location.names.metadata ?? "",
            reason: "too many objects do not end where blocks do")
    }

    private func memory(_ group: [MappedObject]) throws -> BufferLease? {
        // Codecs take theirs from elsewhere: it is counted here as far as the limit allows.
        // All groups have the same, however many objects they are of: the pool gives out again only what fits.
        let wanted = max(groupBytes + worker.laneBytes, group.map(worker.memoryBytes).reduce(0, +))
        let byteCount = max(group.count * worker.laneBytes, min(wanted, pool.limitBytes))
        return writing.isEmpty ? try pool.lease(byteCount, control) : try pool.leaseIfFree(byteCount)
    }

    /// Blocks that come from several objects, which no backup driver writes, can be checked only when they are
    /// together.
    func checkCutBlocks() throws {
        guard let check = worker.check, !cutBlocks.isEmpty else { return }
        let memory = try pool.lease(worker.laneBytes, control)
        try engine.benches.withBench { bench in
            for block in cutBlocks.sorted() {
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
