// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A range of the volume, in bytes.
struct ByteRange: BitwiseCopyable, Sendable {
    var start: Int64
    var end: Int64
    /// It comes from a newer object, which is written later: it may be written with what lies around it.
    var isOverwritten = false
}

/// An object that holds bytes of the volume as it is to be, and which ranges of them: `ranges` of the map's list.
struct MappedObject: BitwiseCopyable, Sendable {
    let layer: Int
    let object: ObjectEntry
    let firstRange: Int
    let rangeCount: Int
}

/// Which object of a chain each byte of the volume comes from: no byte from two, none from nowhere.
///
/// Made from the newest backup to the oldest. What newer ones cover is kept as a sorted list of ranges; an
/// object adds what is left of it. Lists are spooled and read in step, so memory does not grow with them.
struct RestoreMap: Sendable {
    private let objects: Spool<MappedObject>
    let ranges: Spool<ByteRange>
    /// Objects of the oldest run.
    private let oldestCount: Int

    /// All objects in two queues: everything of the first must be written before anything of the second is.
    ///
    /// The full backup goes first, and short gaps that newer objects leave in it are written with what lies around
    /// them: for a disk, and a file system, ten short writes are more work than one that is longer.
    func queues() -> [RestoreQueue] {
        let oldest = objects.count - oldestCount..<objects.count
        return [
            RestoreQueue(objects, oldest, overwrites: false),
            RestoreQueue(objects, 0..<oldest.lowerBound, overwrites: true),
        ]
    }

    /// - Parameters:
    ///   - layers: From the full backup to the one asked for.
    ///   - length: Bytes of the volume; objects that reach further are clipped.
    /// - Throws: `EngineError.uncoveredRange` when a byte of the volume is in no object.
    init(_ layers: [RestoreLayer], length: Int64, engine: Engine, control: JobControl = JobControl()) throws {
        let objects: Spool<MappedObject> = engine.spool()
        let ranges: Spool<ByteRange> = engine.spool()
        var covered: Spool<ByteRange> = engine.spool()
        var newerCount = 0
        for (index, layer) in layers.enumerated().reversed() {
            for run in layer.runs.reversed() {
                try control.checkpoint()
                newerCount = objects.count
                let uncovering = Uncovering(
                    layer: index, run: run, of: layer.objects, covered: covered, length: length,
                    isOldest: index == 0 && run == layer.runs.first)
                covered = try uncovering.add(to: objects, ranges, joined: engine.spool())
            }
        }
        self.objects = objects
        self.ranges = ranges
        oldestCount = objects.count - newerCount
        try Self.check(covered, covers: length)
    }

    private static func check(_ covered: Spool<ByteRange>, covers length: Int64) throws {
        var position: Int64 = 0
        try covered.forEach { range in
            if range.start > position, position < length {
                throw EngineError.uncoveredRange(offset: position, length: min(range.start, length) - position)
            }
            position = max(position, range.end)
        }
        if position < length { throw EngineError.uncoveredRange(offset: position, length: length - position) }
    }
}

/// Takes the ranges covered so far away from one run of objects, and joins the two.
private struct Uncovering {
    let layer: Int
    let run: Range<Int>
    let objects: Spool<ObjectEntry>
    let covered: Spool<ByteRange>
    let length: Int64
    let isOldest: Bool

    /// Longer gaps are not written over: their bytes take longer than a write more.
    private static let shortGapBytes: Int64 = 128 << 10

    init(
        layer: Int, run: Range<Int>, of objects: Spool<ObjectEntry>, covered: Spool<ByteRange>, length: Int64,
        isOldest: Bool
    ) {
        self.layer = layer
        self.run = run
        self.objects = objects
        self.covered = covered
        self.length = length
        self.isOldest = isOldest
    }

    /// Adds the objects of the run that still hold something to the map; answers what is covered now.
    func add(
        to mapped: Spool<MappedObject>, _ ranges: Spool<ByteRange>, joined: Spool<ByteRange>
    ) throws -> Spool<ByteRange> {
        try appendUncovered(to: mapped, ranges)
        try join(into: joined)
        return joined
    }

    private func appendUncovered(to mapped: Spool<MappedObject>, _ ranges: Spool<ByteRange>) throws {
        var cover = SpoolCursor(covered)
        var next = try cover.next()
        try objects.forEach(in: run) { object in
            let firstRange = ranges.count
            var position = object.offset
            var lastEnd: Int64?
            let end = min(object.end, length)
            while position < end {
                while let range = next, range.end <= position { next = try cover.next() }
                let free = min(end, next?.start ?? end)
                if free > position {
                    if let lastEnd, isOldest, position - lastEnd <= Self.shortGapBytes {
                        try ranges.append(ByteRange(start: lastEnd, end: position, isOverwritten: true))
                    }
                    try ranges.append(ByteRange(start: position, end: free))
                    lastEnd = free
                }
                position = max(free, next?.end ?? end)
            }
            let count = ranges.count - firstRange
            if count > 0 {
                try mapped.append(
                    MappedObject(layer: layer, object: object, firstRange: firstRange, rangeCount: count))
            }
        }
    }

    /// Merges two sorted lists into one whose ranges neither touch nor overlap.
    private func join(into joined: Spool<ByteRange>) throws {
        var cover = SpoolCursor(covered)
        var list = SpoolCursor(objects, run)
        var nextCovered = try cover.next()
        var nextObject = try list.next()
        var open: ByteRange?
        while true {
            let range: ByteRange
            if let candidate = nextCovered, candidate.start <= nextObject?.offset ?? .max {
                range = candidate
                nextCovered = try cover.next()
            } else if let object = nextObject {
                range = ByteRange(start: object.offset, end: object.end)
                nextObject = try list.next()
            } else {
                break
            }
            guard let last = open else {
                open = range
                continue
            }
            if range.start <= last.end {
                open = ByteRange(start: last.start, end: max(last.end, range.end))
            } else {
                try joined.append(last)
                open = range
            }
        }
        if let open { try joined.append(open) }
    }
}
