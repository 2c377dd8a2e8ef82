// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// Restores single objects, on any thread.
struct RestoreWorker: Sendable {
    let engine: Engine
    let chain: RestoreChain
    let map: RestoreMap
    let target: RestoreTarget
    let check: BlockCheck?
    let control: JobControl
    let meter: ProgressMeter

    private static let inputBytes = 256 << 10
    private static let windowBytes = 1 << 20
    private static let windowBlocks = 4096

    private var blockBytes: Int { check?.digests.blockBytes ?? 4096 }

    /// Unpacked bytes at a time: whole blocks, about a MiB, and not so many of them that their digests count.
    private var outputBytes: Int { max(1, min(Self.windowBytes / blockBytes, Self.windowBlocks)) * blockBytes }

    var memoryBytes: Int { outputBytes + Self.inputBytes }

    /// Writes what the map wants of one object; answers the blocks of which it wrote a part only.
    func restore(_ mapped: MappedObject, memory: BufferLease) throws -> [Int] {
        defer { meter.add(objects: 1) }
        let location = chain.layers[mapped.layer].location
        let object = mapped.object.stored(location.names)
        let ranges = SpoolCursor(map.ranges, mapped.firstRange..<mapped.firstRange + mapped.rangeCount)
        return try engine.benches.withBench { bench in
            let reader = try open(object, location)
            let input = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[outputBytes..<memoryBytes])
            let output = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<outputBytes])
            var writer = RangeWriter(worker: self, object: object, ranges: ranges, bench: bench)

            let isSmall = reader.length <= input.count
            let stored = UnsafeRawBufferPointer(rebasing: input[..<(isSmall ? try reader.read(into: input) : 0)])
            if isSmall, engine.zeros.areKnown(stored, of: object) {
                try writer.writeZeros(memory: output)
                return writer.cutBlocks
            }
            let whole = isSmall ? Array(stored) : nil
            var stream = try ObjectStream(
                object, from: reader, inputMemory: input, readBytes: stored.count, bench)
            let isZero = try copy(&stream, of: object, to: &writer, memory: output)
            if isZero, let whole { whole.withUnsafeBytes { engine.zeros.remember($0, of: object) } }
            return writer.cutBlocks
        }
    }

    /// Streams the object through `memory`, window by window. True when it was nothing but zeros.
    private func copy(
        _ stream: inout ObjectStream, of object: StoredObject, to writer: inout RangeWriter,
        memory: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        var isZero = true
        var position = object.offset
        while position < object.offset + object.length {
            try control.stopIfAbandoned()
            let end = windowEnd(from: position, objectEnd: object.offset + object.length)
            let window = UnsafeMutableRawBufferPointer(rebasing: memory[..<Int(end - position)])
            try stream.read(into: window)
            isZero = isZero && isAllZero(UnsafeRawBufferPointer(window))
            try writer.write(UnsafeRawBufferPointer(window), at: position)
            position = end
        }
        try stream.finish()
        return isZero
    }

    private func open(_ object: StoredObject, _ location: LayerLocation) throws -> any ObjectReader {
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
