// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// An extent of a chunk that is to become an object, and the number that names it.
struct NumberedExtent: Sendable {
    let number: Int64
    /// Bytes from the start of the chunk.
    let range: Range<Int>
}

/// The objects that one chunk has become.
struct StoredChunk: Sendable {
    var objects: [ObjectEntry] = []
    var storedBytes: Int64 = 0
    let length: Int
}

extension Engine {
    /// Packs and stores the extents of one chunk, one object each.
    func store(
        _ extents: [NumberedExtent], of chunk: HashedChunk, plan: BackupPlan, writer: any ContainerWriter,
        control: JobControl
    ) throws -> StoredChunk {
        try benches.withBench { bench in
            var stored = StoredChunk(length: chunk.length)
            for extent in extents {
                try control.stopIfAbandoned()
                let packing = ExtentPacking(engine: self, plan: plan, bench: bench, control: control)
                let object = try packing.pack(extent, of: chunk)
                let name = plan.names.data(extent.number)
                if let bytes = object.bytes {
                    try writer.put(name, bytes)
                    stored.storedBytes += Int64(bytes.count)
                } else {
                    try writer.putZeros(name, length: object.entry.length)
                    stored.storedBytes += object.entry.length
                }
                stored.objects.append(object.entry)
            }
            return stored
        }
    }
}

/// Turns one extent into the bytes of an object: packed, or raw when packing does not pay.
private struct ExtentPacking {
    let engine: Engine
    let plan: BackupPlan
    let bench: Workbench
    let control: JobControl

    struct PackedObject {
        let entry: ObjectEntry
        /// nil for zeros that are stored as such.
        let bytes: UnsafeRawBufferPointer?
    }

    func pack(_ extent: NumberedExtent, of chunk: HashedChunk) throws -> PackedObject {
        // The second half of the chunk's memory is the room for packed bytes.
        let memory = chunk.memory.bytes
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[(memory.count - plan.chunkBytes)...])
        let raw = chunk.bytes.map { UnsafeRawBufferPointer(rebasing: $0[extent.range]) }
        func entry(_ compression: Compression, _ md5: MD5Digest) -> ObjectEntry {
            ObjectEntry(
                number: extent.number, offset: chunk.offset + Int64(extent.range.lowerBound),
                length: Int64(extent.range.count), md5: md5, compression: compression)
        }
        guard let raw, !isAllZero(raw) else {
            let zeros = try zeroObject(raw, extent.range.count, chunk, room)
            guard let packed = zeros.packed else { return PackedObject(entry: entry(.none, zeros.md5), bytes: nil) }
            packed.withUnsafeBytes { room.copyBytes(from: $0) }
            return PackedObject(
                entry: entry(zeros.compression, zeros.md5),
                bytes: UnsafeRawBufferPointer(rebasing: room[..<packed.count]))
        }
        bench.md5.update(raw)
        let md5 = bench.md5.finish()
        if let count = try compress(raw, into: room) {
            let packed = UnsafeRawBufferPointer(rebasing: room[..<count])
            return PackedObject(entry: entry(plan.compression, md5), bytes: packed)
        }
        return PackedObject(entry: entry(.none, md5), bytes: raw)
    }

    private func compress(_ raw: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) throws -> Int? {
        guard plan.compression.algorithm != .none, raw.count > 1 else { return nil }
        let target = UnsafeMutableRawBufferPointer(rebasing: room[..<(raw.count - 1)])
        let compressor = try bench.compressor(plan.compression.algorithm, level: engine.level)
        do {
            return try compressor.compress(raw, into: target, isAbandoned: control.isAbandoned)
        } catch CodecError.abandoned {
            throw EngineError.cancelled
        }
    }

    /// `raw` is nil for an extent of a chunk that is all zeros and was not read.
    private func zeroObject(
        _ raw: UnsafeRawBufferPointer?, _ length: Int, _ chunk: HashedChunk, _ room: UnsafeMutableRawBufferPointer
    ) throws -> ZeroObject {
        if let known = engine.zeros.object(length: length, plan.compression) { return known }
        let bytes = raw ?? UnsafeRawBufferPointer(clearedMemory(of: chunk, length))
        return try engine.zeros.make(of: bytes, plan.compression, level: engine.level, scratch: room, bench)
    }

    private func clearedMemory(of chunk: HashedChunk, _ length: Int) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer(rebasing: chunk.memory.bytes[..<length])
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        return memory
    }
}
