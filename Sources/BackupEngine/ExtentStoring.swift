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

/// A chunk of which something is to be stored.
struct ChangedChunk: Sendable {
    let chunk: HashedChunk
    let extents: [NumberedExtent]
}

/// The objects that one chunk has become.
struct StoredChunk: Sendable {
    var objects: [ObjectEntry] = []
    var storedBytes: Int64 = 0
    let length: Int
}

struct StoredBatch: Sendable {
    let chunks: [StoredChunk]
    /// Free again.
    let room: BufferLease
}

extension Engine {
    /// Packs and stores the extents of some chunks, one object each.
    /// - Parameter room: For packed bytes, as long as a chunk.
    func store(
        _ batch: [ChangedChunk], plan: BackupPlan, room: BufferLease, writer: BackupWriter, control: JobControl
    ) throws -> StoredBatch {
        try benches.withBench { bench in
            let extents = batch.map { changed in changed.extents.map { ChunkExtent($0, of: changed.chunk) } }
            var digests = md5Digests(of: extents.joined().map(\.content)).makeIterator()
            let packing = ExtentPacking(engine: self, plan: plan, bench: bench, room: room.bytes, control: control)
            let chunks = try zip(batch, extents).map { changed, extents in
                var stored = StoredChunk(length: changed.chunk.length)
                for extent in extents {
                    try control.stopIfAbandoned()
                    guard let md5 = digests.next() else { preconditionFailure("an extent without a digest") }
                    let object = try packing.pack(extent, md5: md5)
                    try put(object, writer)
                    traffic.addStored(object.storedLength)
                    stored.storedBytes += object.storedLength
                    stored.objects.append(object.entry)
                }
                return stored
            }
            return StoredBatch(chunks: chunks, room: room)
        }
    }
}

private func put(_ object: PackedObject, _ writer: BackupWriter) throws {
    if let bytes = object.bytes {
        try writer.put(object.entry.number, bytes)
    } else {
        try writer.putZeros(object.entry.number, length: object.storedLength)
    }
}

/// An extent in memory.
private struct ChunkExtent {
    let number: Int64
    let offset: Int64
    let length: Int
    let isZero: Bool
    private let chunk: HashedChunk
    private let range: Range<Int>

    init(_ extent: NumberedExtent, of chunk: HashedChunk) {
        number = extent.number
        offset = chunk.offset + Int64(extent.range.lowerBound)
        length = extent.range.count
        isZero = chunk.bytes.map { isAllZero(UnsafeRawBufferPointer(rebasing: $0[extent.range])) } ?? true
        self.chunk = chunk
        range = extent.range
    }

    /// Of a chunk that was not read, its memory is made what it would hold.
    var bytes: UnsafeRawBufferPointer {
        if let bytes = chunk.bytes { return UnsafeRawBufferPointer(rebasing: bytes[range]) }
        let memory = UnsafeMutableRawBufferPointer(rebasing: chunk.memory.bytes[..<length])
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(memory)
    }

    /// What must be hashed: nothing of zeros.
    var content: UnsafeRawBufferPointer { isZero ? UnsafeRawBufferPointer(start: nil, count: 0) : bytes }
}

private struct PackedObject {
    let entry: ObjectEntry
    /// nil for zeros that are stored as such.
    let bytes: UnsafeRawBufferPointer?
    /// Bytes that it takes in the store.
    let storedLength: Int64

    init(_ extent: ChunkExtent, _ compression: Compression, _ md5: MD5Digest, bytes: UnsafeRawBufferPointer?) {
        self.bytes = bytes
        storedLength = Int64(bytes?.count ?? extent.length)
        entry = ObjectEntry(
            number: extent.number, offset: extent.offset, length: Int64(extent.length), md5: md5,
            compression: compression, storedLength: storedLength)
    }
}

/// Turns one extent into the bytes of an object: packed, or raw when packing does not pay.
private struct ExtentPacking {
    let engine: Engine
    let plan: BackupPlan
    let bench: Workbench
    let room: UnsafeMutableRawBufferPointer
    let control: JobControl

    /// `md5`: of the extent's content; that of zeros is known elsewhere.
    func pack(_ extent: ChunkExtent, md5: MD5Digest) throws -> PackedObject {
        if extent.isZero {
            let zeros = try zeroObject(extent)
            return PackedObject(extent, zeros.compression, zeros.md5, bytes: zeros.copy(to: room))
        }
        let bytes = extent.bytes
        if let count = try compress(bytes) {
            return PackedObject(
                extent, plan.compression, md5, bytes: UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
        return PackedObject(extent, .none, md5, bytes: bytes)
    }

    private func zeroObject(_ extent: ChunkExtent) throws -> ZeroObject {
        try engine.zeros.object(length: extent.length, plan.compression)
            ?? engine.zeros.make(
                of: extent.bytes, plan.compression, occursOften: extent.length == plan.chunkBytes,
                level: engine.level, scratch: room, bench)
    }

    private func compress(_ raw: UnsafeRawBufferPointer) throws -> Int? {
        guard plan.compression.algorithm != .none, raw.count > 1 else { return nil }
        let target = UnsafeMutableRawBufferPointer(rebasing: room[..<(raw.count - 1)])
        let compressor = try bench.compressor(plan.compression.algorithm, level: engine.level)
        do {
            return try compressor.compress(raw, into: target, isAbandoned: control.isAbandoned)
        } catch CodecError.abandoned {
            throw EngineError.cancelled
        }
    }
}
