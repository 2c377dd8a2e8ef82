// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

extension Engine {
    /// Backs up a volume: all of it, or what differs from `parent`.
    ///
    /// When this returns, the backup is complete and durable; its metadata object came last. When it throws, what it had
    /// made is gone again, and nothing else is; the directories of its container may be left.
    /// - Parameters:
    ///   - volumeMeta: Fetches the text about the volume, at the end, as Cinder does; what it throws fails the backup.
    ///   - confirm: The last word, when everything but the metadata object is stored; what it throws fails the backup.
    /// - Throws: `EngineError`, `SystemCallError`, `StorageError`, `CodecError`; `LeftoverObjects` where not all could be
    ///   removed; `EngineError.completionInDoubt` where the backup may have become complete: then everything is left.
    package func backUp(
        _ volume: VolumeReader, as plan: BackupPlan, since parent: ParentDigests?, control: JobControl,
        volumeMeta: () throws -> String?, confirm: () throws -> Void = {}
    ) throws -> BackupOutcome {
        let writer = BackupWriter(
            try store.openForWriting(plan.container, writer: plan.metadata.backupID), plan.names, in: plan.container)
        do {
            let run = try BackupRun(
                engine: self, volume: volume, plan: plan, parent: parent, writer: writer, control: control)
            try run.saveChunks()
            try run.finalize(volumeMeta: volumeMeta, confirm: confirm)
            return run.outcome
        } catch {
            if case EngineError.completionInDoubt = error { throw error }
            throw writer.removeAll(because: error)
        }
    }
}

/// One backup under way. Its thread goes through the volume from front to back; two windows work beside it:
/// one reads and hashes chunks, the other packs and stores what has changed, a batch of chunks at a time.
private final class BackupRun {
    private let engine: Engine
    private let volume: VolumeReader
    private let plan: BackupPlan
    private let parent: ParentDigests?
    private let writer: BackupWriter
    private let control: JobControl

    private let memory: BufferPool.Share
    private let budget: ChunkBudget
    private let reading: OrderedWindow<HashedChunk>
    private let storing: OrderedWindow<StoredBatch>
    /// What has been compared and waits to be stored.
    private var batch: [ChangedChunk] = []
    /// Memory for packed bytes that nobody uses now.
    private var rooms: [BufferLease] = []
    private let digests: Spool<SHA256Digest>
    /// The sha256file, written in step.
    private var digestList: DigestListWriter
    private let digestListStream: DigestListStream
    private let objects: Spool<ObjectEntry>
    private var nextChunkOffset: Int64 = 0
    private var nextObjectNumber: Int64 = 1
    private var progress: JobProgress
    private(set) var outcome: BackupOutcome

    /// A chunk becomes at most one object for each so many of its bytes, however scattered its changes are: a TiB
    /// with a change in every corner is four million files, and not sixteen.
    private static let bytesPerObject = 256 << 10
    /// Shorter runs of zeros or noise are cheaper as a part of what lies around them than as an object.
    private static let leastRunBytes = 1 << 20

    init(
        engine: Engine, volume: VolumeReader, plan: BackupPlan, parent: ParentDigests?, writer: BackupWriter,
        control: JobControl
    ) throws {
        self.engine = engine
        self.volume = volume
        self.plan = plan
        self.parent = parent
        self.writer = writer
        self.control = control
        memory = engine.pool.share()
        budget = ChunkBudget(chunks: engine.pool.limitBytes / plan.chunkMemoryBytes, cores: engine.parallelism)
        reading = OrderedWindow(width: budget.reading, threads: engine.threads)
        storing = OrderedWindow(width: budget.storing, threads: engine.threads)
        digests = engine.spool()
        digestListStream = try writer.beginDigestList()
        digestList = DigestListWriter(
            DigestList(describing: plan.metadata, blockBytes: plan.blockBytes), to: digestListStream.append)
        objects = engine.spool()
        progress = JobProgress(phase: .reading, bytesTotal: volume.length)
        outcome = BackupOutcome(sizeBytes: volume.length)
    }

    // MARK: - Chunks

    func saveChunks() throws {
        defer {
            reading.drain()
            storing.drain()
        }
        try control.checkpoint()
        control.report(progress)
        while true {
            try submitReads()
            if isBatchReady, !storing.isFull, let room = try roomForPacking() {
                submitBatch(room)
            } else if !reading.isEmpty, batch.count < budget.batch {
                try compare(try reading.next())
            } else if !storing.isEmpty {
                try record(try storing.next())
            } else {
                return
            }
            while storing.hasNext { try record(try storing.next()) }
        }
    }

    private func submitReads() throws {
        while nextChunkOffset < volume.length, !reading.isFull, let memory = try memoryForChunk() {
            try control.checkpoint()
            let range = nextChunkOffset..<min(nextChunkOffset + Int64(plan.chunkBytes), volume.length)
            nextChunkOffset = range.upperBound
            let (engine, volume, blockBytes) = (self.engine, self.volume, plan.blockBytes)
            // An increment packs too little for it to pay.
            let noiseUnit = parent == nil && plan.compression.algorithm != .none ? runUnit : nil
            reading.submit {
                try engine.readChunk(range, of: volume, blockBytes: blockBytes, noiseUnit: noiseUnit, memory: memory)
            }
        }
    }

    /// Waits for memory only while nothing of this backup is under way and it holds none; then for a chunk and a
    /// room together, so that what is read can also be stored.
    private func memoryForChunk() throws -> BufferLease? {
        guard reading.isEmpty, batch.isEmpty, storing.isEmpty else {
            return try memory.leaseIfFree(plan.chunkMemoryBytes)
        }
        rooms = []
        let (chunk, room) = try memory.leaseTwo(plan.chunkMemoryBytes, control)
        rooms = [room]
        return chunk
    }

    private func roomForPacking() throws -> BufferLease? {
        try rooms.popLast() ?? memory.leaseIfFree(plan.chunkMemoryBytes)
    }

    /// Finds what has changed in a chunk, and names it: the parallel part that follows shares no counter.
    private func compare(_ chunk: HashedChunk) throws {
        let changed = joinedExtents(
            changedExtents(in: chunk.digests, since: try parent?.next(chunk.digests.count) ?? []),
            atMost: plan.chunkBytes / Self.bytesPerObject)
        try digests.append(contentsOf: chunk.digests)
        try digestList.append(contentsOf: chunk.digests)
        guard !changed.isEmpty else { return try record(StoredChunk(length: chunk.length)) }

        let extents = parent == nil ? [0..<chunk.length] : changed.map { bytes(of: $0, in: chunk) }
        let pieces = extents.flatMap { cut($0, at: chunk.runs, unit: runUnit, blockBytes: plan.blockBytes) }
        let numbered = pieces.map { range in
            defer { nextObjectNumber += 1 }
            return NumberedExtent(number: nextObjectNumber, range: range)
        }
        batch.append(ChangedChunk(chunk: chunk, extents: numbered))
    }

    private func bytes(of blocks: Range<Int>, in chunk: HashedChunk) -> Range<Int> {
        blocks.lowerBound * plan.blockBytes..<min(blocks.upperBound * plan.blockBytes, chunk.length)
    }

    /// Whole blocks.
    private var runUnit: Int {
        (Self.leastRunBytes + plan.blockBytes - 1) / plan.blockBytes * plan.blockBytes
    }

    /// A batch waits for more only while more is on its way.
    private var isBatchReady: Bool { !batch.isEmpty && (batch.count >= budget.batch || reading.isEmpty) }

    private func submitBatch(_ room: BufferLease) {
        let (engine, plan, writer, control, batch) = (self.engine, self.plan, self.writer, self.control, self.batch)
        self.batch = []
        storing.submit { try engine.store(batch, plan: plan, room: room, writer: writer, control: control) }
    }

    private func record(_ batch: StoredBatch) throws {
        rooms.append(batch.room)
        for chunk in batch.chunks { try record(chunk) }
    }

    /// A chunk is done: stored, or the same as in the parent.
    private func record(_ chunk: StoredChunk) throws {
        try objects.append(contentsOf: chunk.objects)
        outcome.objectCount += Int64(chunk.objects.count)
        outcome.storedBytes += chunk.storedBytes
        progress.chunks += 1
        progress.bytesDone += Int64(chunk.length)
        progress.bytesStored = outcome.storedBytes
        progress.objects = outcome.objectCount
        control.report(progress)
    }

    // MARK: - The end

    func finalize(volumeMeta: () throws -> String?, confirm: () throws -> Void) throws {
        progress.phase = .finalizing
        control.report(progress)
        try progress.checkWhole()
        try parent?.finish(control)
        try digestList.finish()
        let listDigest = try digestListStream.finish()
        var metadata = plan.metadata
        metadata.listDigest = listDigest
        metadata.volumeMeta = try volumeMeta()
        metadata.sizeBytes = volume.length
        try writer.makeDurable()
        try writer.check(objects, listBytes: digestListStream.length, control: control)
        try writer.checkPlace()
        try control.checkpoint()
        try confirm()
        // The metadata object goes last: its presence is what makes the backup complete.
        try writer.putMetadata { put in
            try metadata.write(to: put) { object in
                try objects.forEach { try object($0.stored(plan.names)) }
            }
        }
        // The backup is complete without: what fails here is no failure of it.
        engine.digestCopies?.keep(
            DigestFile(blockBytes: plan.blockBytes, digests: digests),
            for: DigestCopies.Key(
                backupID: plan.metadata.backupID, volumeID: plan.metadata.volumeID, prefix: plan.names.prefix,
                listBytes: digestListStream.length, listDigest: listDigest))
    }
}
