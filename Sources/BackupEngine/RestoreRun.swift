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
        let map = try RestoreMap(chain.layers, length: chain.length, engine: self)
        try control.checkpoint()
        try target.prepare(chain.length)
        let run = RestoreRun(engine: self, chain: chain, map: map, target: target, control: control)
        try run.writeObjects()
        try run.checkCutBlocks()
        try target.synchronize()
    }
}

/// One restore under way: its thread goes through the map, a window of workers fetches, unpacks, checks and
/// writes.
private final class RestoreRun {
    private let engine: Engine
    private let chain: RestoreChain
    private let map: RestoreMap
    private let control: JobControl
    private let worker: RestoreWorker
    private let writing: OrderedWindow<RestoredObject>
    private var cutBlocks: Set<Int> = []

    init(engine: Engine, chain: RestoreChain, map: RestoreMap, target: RestoreTarget, control: JobControl) {
        self.engine = engine
        self.chain = chain
        self.map = map
        self.control = control
        let check = chain.digests.map { BlockCheck(digests: $0, length: chain.length, zeros: engine.zeros) }
        worker = RestoreWorker(engine: engine, chain: chain, map: map, target: target, check: check, control: control)
        writing = OrderedWindow(width: engine.parallelism, queue: engine.queue)
    }

    func writeObjects() throws {
        defer { writing.drain() }
        var progress = JobProgress(phase: .restoring, bytesTotal: chain.length)
        control.report(progress)
        var objects = SpoolCursor(map.objects)
        var next = try objects.next()
        while next != nil || !writing.isEmpty {
            while let object = next, !writing.isFull, let memory = try memory() {
                try control.checkpoint()
                let worker = self.worker
                writing.submit { try worker.restore(object, memory: memory) }
                next = try objects.next()
            }
            let restored = try writing.next()
            cutBlocks.formUnion(restored.cutBlocks)
            progress.bytesDone += restored.bytes
            progress.objects += 1
            control.report(progress)
        }
    }

    private func memory() throws -> BufferLease? {
        writing.isEmpty ? try engine.pool.lease(worker.memoryBytes) : try engine.pool.leaseIfFree(worker.memoryBytes)
    }

    /// Blocks that come from several objects, which no backup driver writes, can be checked only when they are
    /// together.
    func checkCutBlocks() throws {
        guard let check = worker.check, !cutBlocks.isEmpty else { return }
        let memory = try engine.pool.lease(worker.memoryBytes)
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

private struct RestoredObject: Sendable {
    var bytes: Int64 = 0
    var cutBlocks: [Int] = []
}

/// Restores single objects, on any thread.
private struct RestoreWorker: Sendable {
    let engine: Engine
    let chain: RestoreChain
    let map: RestoreMap
    let target: RestoreTarget
    let check: BlockCheck?
    let control: JobControl

    private static let inputBytes = 256 << 10
    private static let windowBytes = 1 << 20

    private var blockBytes: Int { check?.digests.blockBytes ?? 4096 }

    /// Unpacked bytes at a time: whole blocks, about a MiB.
    private var outputBytes: Int { max(blockBytes, Self.windowBytes / blockBytes * blockBytes) }

    var memoryBytes: Int { outputBytes + Self.inputBytes }

    func restore(_ mapped: MappedObject, memory: BufferLease) throws -> RestoredObject {
        let location = chain.layers[mapped.layer].location
        let object = mapped.object.stored(location.names)
        return try engine.benches.withBench { bench in
            let reader = try store(object, location)
            var stream = try ObjectStream(
                object, from: reader,
                inputMemory: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[outputBytes..<memoryBytes]), bench)
            let ranges = SpoolCursor(map.ranges, mapped.firstRange..<mapped.firstRange + mapped.rangeCount)
            var writer = RangeWriter(worker: self, object: object, ranges: ranges, bench: bench)
            var position = object.offset
            while position < object.offset + object.length {
                try control.stopIfAbandoned()
                let end = windowEnd(from: position, objectEnd: object.offset + object.length)
                let window = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<Int(end - position)])
                try stream.read(into: window)
                try writer.write(UnsafeRawBufferPointer(window), at: position)
                position = end
            }
            try stream.finish()
            return writer.restored
        }
    }

    private func store(_ object: StoredObject, _ location: LayerLocation) throws -> any ObjectReader {
        do {
            return try engine.store.open(object.name, in: location.container)
        } catch StorageError.objectNotFound(let name, let container) {
            throw EngineError.missingObject(name: name, container: container)
        }
    }

    /// Windows end on block borders of the volume, so that blocks stay whole.
    private func windowEnd(from position: Int64, objectEnd: Int64) -> Int64 {
        let limit = position + Int64(outputBytes)
        if limit >= objectEnd { return objectEnd }
        let border = limit / Int64(blockBytes) * Int64(blockBytes)
        return border > position ? border : limit
    }
}

/// Writes those ranges of an object that the map wants, window by window.
private struct RangeWriter {
    let worker: RestoreWorker
    let object: StoredObject
    let bench: Workbench
    private var ranges: SpoolCursor<ByteRange>
    private var next: ByteRange?
    private var isStarted = false
    private(set) var restored = RestoredObject()

    init(worker: RestoreWorker, object: StoredObject, ranges: SpoolCursor<ByteRange>, bench: Workbench) {
        self.worker = worker
        self.object = object
        self.ranges = ranges
        self.bench = bench
    }

    /// `window` holds the bytes of the object from `offset` of the volume on.
    mutating func write(_ window: UnsafeRawBufferPointer, at offset: Int64) throws {
        if !isStarted {
            next = try ranges.next()
            isStarted = true
        }
        let end = offset + Int64(window.count)
        while let range = next, range.start < end {
            let part = max(range.start, offset)..<min(range.end, end)
            let bytes = UnsafeRawBufferPointer(
                rebasing: window[Int(part.lowerBound - offset)..<Int(part.upperBound - offset)])
            try check(bytes, part)
            try worker.target.write(bytes, at: part.lowerBound)
            restored.bytes += Int64(part.count)
            if range.end > end { break }
            next = try ranges.next()
        }
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int64>) throws {
        guard let check = worker.check else { return }
        let blocks = check.blocks(in: range)
        restored.cutBlocks.append(contentsOf: blocks.cut)
        if let damaged = try check.firstDamaged(blocks.whole, in: bytes, at: range.lowerBound, bench) {
            throw EngineError.corruptBlock(name: object.name, offset: check.range(ofBlock: damaged).lowerBound)
        }
    }
}
