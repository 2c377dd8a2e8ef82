// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A range of the volume, in bytes.
struct ByteRange: BitwiseCopyable, Sendable {
    var start: Int64
    var end: Int64
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
    let objects: Spool<MappedObject>
    let ranges: Spool<ByteRange>

    /// - Parameters:
    ///   - layers: From the full backup to the one asked for.
    ///   - length: Bytes of the volume; objects that reach further are clipped.
    /// - Throws: `EngineError.uncoveredRange` when a byte of the volume is in no object.
    init(_ layers: [RestoreLayer], length: Int64, engine: Engine, control: JobControl = JobControl()) throws {
        objects = engine.spool()
        ranges = engine.spool()
        var covered: Spool<ByteRange> = engine.spool()
        for (index, layer) in layers.enumerated().reversed() {
            for run in layer.runs.reversed() {
                try control.checkpoint()
                let uncovering = Uncovering(layer: index, run: run, of: layer.objects, covered: covered, length: length)
                covered = try uncovering.add(to: self, joined: engine.spool())
            }
        }
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

    init(layer: Int, run: Range<Int>, of objects: Spool<ObjectEntry>, covered: Spool<ByteRange>, length: Int64) {
        self.layer = layer
        self.run = run
        self.objects = objects
        self.covered = covered
        self.length = length
    }

    /// Adds the objects of the run that still hold something to the map; answers what is covered now.
    func add(to map: RestoreMap, joined: Spool<ByteRange>) throws -> Spool<ByteRange> {
        try appendUncovered(to: map)
        try join(into: joined)
        return joined
    }

    private func appendUncovered(to map: RestoreMap) throws {
        var cover = SpoolCursor(covered)
        var next = try cover.next()
        try objects.forEach(in: run) { object in
            let firstRange = map.ranges.count
            var position = object.offset
            let end = min(object.end, length)
            while position < end {
                while let range = next, range.end <= position { next = try cover.next() }
                let free = min(end, next?.start ?? end)
                if free > position { try map.ranges.append(ByteRange(start: position, end: free)) }
                position = max(free, next?.end ?? end)
            }
            let count = map.ranges.count - firstRange
            if count > 0 {
                try map.objects.append(
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
