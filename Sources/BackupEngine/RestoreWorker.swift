// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// Restores objects, on any thread: several side by side, each in a lane of its own, for the MD5 of sixteen takes
/// hardly longer than that of one.
struct RestoreWorker: Sendable {
    let engine: Engine
    let chain: RestoreChain
    let containers: OpenContainers
    let map: RestoreMap
    let target: RestoreTarget
    let writer: RestoreWriter
    let check: BlockCheck?
    let cutBlocks: CutBlocks
    let control: JobControl
    let meter: ProgressMeter

    private static let mostLanes = 16
    private static let windowBytes = 1 << 20
    private static let windowBlocks = 4096

    private var blockBytes: Int { check?.digests.blockBytes ?? 4096 }

    /// Unpacked bytes at a time: whole blocks, about a MiB, and not so many of them that their digests count.
    private var windowBytes: Int { max(1, min(Self.windowBytes / blockBytes, Self.windowBlocks)) * blockBytes }

    /// Memory for one lane; what its codec needs comes from elsewhere.
    var laneBytes: Int { LaneSlot.memoryBytes(windows: windowCount, of: windowBytes) }

    /// Two, or one where there is no memory for more.
    private var windowCount: Int { LaneSlot.memoryBytes(windows: 2, of: windowBytes) <= engine.pool.limitBytes ? 2 : 1 }

    /// With what its codec needs, roughly.
    private func memoryBytes(_ mapped: MappedObject) -> Int {
        switch mapped.object.compression.algorithm {
        case .none, .zlib: laneBytes
        case .bz2, .zstd: laneBytes + Self.contextBytes
        }
    }

    /// What the context of bz2 or zstd takes.
    private static let contextBytes = 4 << 20

    /// Memory for a worker that shares what there is with `width - 1` others: for as many lanes as are useful, or for one.
    func memoryBytes(sharedBy width: Int) -> Int {
        let limit = engine.pool.limitBytes
        // Half of it: other jobs have the rest.
        let lanes = min(limit / 2 / width / laneBytes, Self.mostLanes)
        let wanted = max(lanes * laneBytes, laneBytes + Self.contextBytes)
        return max(min(wanted, limit), laneBytes)
    }

    /// Restores one object after the other, as many at a time as `memory` has room for, until none is left, or
    /// `isWanted` says that memory or thread are wanted elsewhere. All of them are written when it returns.
    func restore(_ objects: RestoreQueue, memory: BufferLease, isWanted: () -> Bool) throws {
        let slotCount = min(memory.bytes.count / laneBytes, Self.mostLanes)
        try engine.benches.withBenches(slotCount) { benches in
            let slots = benches.enumerated().map { index, bench in
                let room = memory.bytes[index * laneBytes..<(index + 1) * laneBytes]
                return LaneSlot(
                    UnsafeMutableRawBufferPointer(rebasing: room), windows: windowCount, of: windowBytes, bench: bench)
            }
            // Whatever happens, nobody reads the memory any more when it goes back.
            defer { for slot in slots { slot.waitForWrites() } }
            try restore(objects, in: slots, memoryBytes: memory.bytes.count, isWanted: isWanted)
        }
        try writer.check()
    }

    private func restore(
        _ objects: RestoreQueue, in slots: [LaneSlot], memoryBytes: Int, isWanted: () -> Bool
    ) throws {
        var free = slots
        var lanes: [RestoreLane] = []
        /// Taken, and not begun.
        var next = try objects.next()
        while next != nil || !lanes.isEmpty {
            try stopIfOver()
            while let object = next, let slot = free.last, lanes.isEmpty || fits(object, beside: lanes, in: memoryBytes)
            {
                free.removeLast()
                lanes.append(try lane(object, slot, overwrites: objects.overwrites))
                try finishThrough(&lanes, &free)
                next = isWanted() ? nil : try objects.next()
            }
            try advance(&lanes)
            try finishThrough(&lanes, &free)
        }
    }

    /// Throws when the restore is not wanted any more, or has failed elsewhere.
    func stopIfOver() throws {
        try control.stopIfAbandoned()
        try writer.check()
    }

    private func fits(_ object: MappedObject, beside lanes: [RestoreLane], in memoryBytes: Int) -> Bool {
        lanes.reduce(self.memoryBytes(object)) { $0 + $1.memoryBytes } <= memoryBytes
    }

    /// Takes all lanes forward in step, by a window each.
    private func advance(_ lanes: inout [RestoreLane]) throws {
        let windows = try lanes.indices.map { try lanes[$0].unpackWindow() }
        var digests = lanes.map(\.md5)
        updateMD5s(&digests, with: windows)
        for index in lanes.indices {
            lanes[index].md5 = digests[index]
            try lanes[index].write(windows[index])
        }
    }

    /// Takes out the lanes whose object is through.
    private func finishThrough(_ lanes: inout [RestoreLane], _ free: inout [LaneSlot]) throws {
        var count: Int64 = 0
        for index in lanes.indices.reversed() where lanes[index].isThrough {
            var lane = lanes.remove(at: index)
            try lane.finish()
            guard cutBlocks.add(lane.cutBlocks) else { throw tooManyCutBlocks }
            free.append(lane.slot)
            count += 1
        }
        if count > 0 { meter.add(objects: count) }
    }

    private var tooManyCutBlocks: EngineError {
        .badMetadata(
            name: chain.layers.last?.location.names.metadata ?? "",
            reason: "too many objects do not end where blocks do")
    }

    private func lane(_ mapped: MappedObject, _ slot: LaneSlot, overwrites: Bool) throws -> RestoreLane {
        let layer = chain.layers[mapped.layer]
        let object = mapped.object.stored(layer.location.names)
        let ranges = SpoolCursor(map.ranges, mapped.firstRange..<mapped.firstRange + mapped.rangeCount)
        return try RestoreLane(
            object, open: { try open(object, of: layer) }, in: slot, memoryBytes: memoryBytes(mapped),
            blockBytes: blockBytes, zeros: engine.zeros,
            writer: RangeWriter(
                worker: self, object: object, ranges: ranges, overwrites: overwrites, bench: slot.bench))
    }

    private func open(_ object: StoredObject, of layer: RestoreLayer) throws -> any ObjectReader {
        do {
            return try containers.open(object.name, in: layer.location.container)
        } catch StorageError.objectNotFound(let name, let container) {
            throw EngineError.missingObject(name: name, container: container)
        }
    }
}
