// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// Restores objects, on any thread: a few side by side, for the MD5 of several takes no longer than that of one.
struct RestoreWorker: Sendable {
    let engine: Engine
    let chain: RestoreChain
    let map: RestoreMap
    let target: RestoreTarget
    let check: BlockCheck?
    let control: JobControl
    let meter: ProgressMeter

    /// Objects that are restored side by side.
    static let largestGroup = 16
    private static let inputBytes = 512 << 10
    private static let windowBytes = 1 << 20
    private static let windowBlocks = 4096

    private var blockBytes: Int { check?.digests.blockBytes ?? 4096 }

    /// Unpacked bytes at a time: whole blocks, about a MiB, and not so many of them that their digests count.
    private var outputBytes: Int { max(1, min(Self.windowBytes / blockBytes, Self.windowBlocks)) * blockBytes }

    /// For one object; whole pages, for they are filled past the page cache.
    var laneBytes: Int { (Self.inputBytes + outputBytes + 4095) / 4096 * 4096 }

    /// What an object needs while it is restored, its codec's context included, which comes from elsewhere.
    func memoryBytes(_ mapped: MappedObject) -> Int {
        switch mapped.object.compression.algorithm {
        case .none, .zlib: laneBytes
        case .bz2, .zstd: laneBytes + Self.contextBytes
        }
    }

    /// What the contexts of bz2 and zstd take, roughly.
    private static let contextBytes = 4 << 20

    /// Writes what the map wants of some objects; answers the blocks of which it wrote a part only.
    func restore(_ group: [MappedObject], memory: BufferLease) throws -> [Int] {
        defer { meter.add(objects: Int64(group.count)) }
        return try engine.benches.withBenches(group.count) { benches in
            var lanes: [RestoreLane] = []
            for (index, mapped) in group.enumerated() {
                try control.stopIfAbandoned()
                let room = UnsafeMutableRawBufferPointer(
                    rebasing: memory.bytes[index * laneBytes..<(index + 1) * laneBytes])
                lanes.append(try lane(mapped, room, benches[index]))
            }
            try run(&lanes)
            return lanes.flatMap(\.cutBlocks)
        }
    }

    private func lane(
        _ mapped: MappedObject, _ memory: UnsafeMutableRawBufferPointer, _ bench: Workbench
    ) throws -> RestoreLane {
        let location = chain.layers[mapped.layer].location
        let object = mapped.object.stored(location.names)
        let ranges = SpoolCursor(map.ranges, mapped.firstRange..<mapped.firstRange + mapped.rangeCount)
        return try RestoreLane(
            object, from: try open(object, location), bench: bench,
            input: UnsafeMutableRawBufferPointer(rebasing: memory[..<Self.inputBytes]),
            output: UnsafeMutableRawBufferPointer(rebasing: memory[Self.inputBytes..<Self.inputBytes + outputBytes]),
            blockBytes: blockBytes, zeros: engine.zeros,
            writer: RangeWriter(worker: self, object: object, ranges: ranges, bench: bench))
    }

    /// Takes all lanes forward in step, a window of each at a time, until the last one is through.
    private func run(_ lanes: inout [RestoreLane]) throws {
        var digests = [RunningMD5](repeating: RunningMD5(), count: lanes.count)
        var windows: [UnsafeRawBufferPointer]
        repeat {
            try control.stopIfAbandoned()
            windows = try lanes.indices.map { try lanes[$0].unpackWindow() }
            updateMD5s(&digests, with: windows)
            for (index, window) in windows.enumerated() where !window.isEmpty { try lanes[index].write(window) }
        } while windows.contains { !$0.isEmpty }
        for index in lanes.indices { try lanes[index].finish(digests[index].finish()) }
    }

    private func open(_ object: StoredObject, _ location: LayerLocation) throws -> any ObjectReader {
        do {
            return try engine.store.open(object.name, in: location.container)
        } catch StorageError.objectNotFound(let name, let container) {
            throw EngineError.missingObject(name: name, container: container)
        }
    }
}
