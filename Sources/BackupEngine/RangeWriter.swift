// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Dispatch

/// Checks those ranges of an object that the map wants, window by window, and has them written.
struct RangeWriter {
    let worker: RestoreWorker
    let object: StoredObject
    let overwrites: Bool
    let bench: Workbench
    private var ranges: SpoolCursor<ByteRange>
    private var next: ByteRange?
    private var isStarted = false
    private(set) var cutBlocks: [Int] = []

    /// Parts of a window that are handed over at a time: newer objects may have left it in as many as it has bytes.
    private static let mostParts = 4096

    init(
        worker: RestoreWorker, object: StoredObject, ranges: SpoolCursor<ByteRange>, overwrites: Bool, bench: Workbench
    ) {
        self.overwrites = overwrites
        self.worker = worker
        self.object = object
        self.ranges = ranges
        self.bench = bench
    }

    /// `window` holds the bytes of the object from `offset` of the volume on, until `group` is through.
    mutating func write(_ window: UnsafeRawBufferPointer, at offset: Int64, group: DispatchGroup) throws {
        if !isStarted {
            next = try ranges.next()
            isStarted = true
        }
        func bytes(_ part: Range<Int64>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: window[Int(part.lowerBound - offset)..<Int(part.upperBound - offset)])
        }
        let end = offset + Int64(window.count)
        var parts: [Range<Int64>] = []
        var wantedBytes: Int64 = 0
        func handOver() throws {
            guard !parts.isEmpty else { return }
            try worker.writer.write(
                parts.map { WindowPart(bytes: bytes($0), offset: $0.lowerBound, overwrites: overwrites) },
                wantedBytes: wantedBytes, group: group)
            (parts, wantedBytes) = ([], 0)
        }
        while let range = next, range.start < end {
            let part = max(range.start, offset)..<min(range.end, end)
            if !range.isOverwritten {
                try check(bytes(part), part)
                wantedBytes += Int64(part.count)
            }
            parts.appendJoined(part)
            if parts.count == Self.mostParts {
                try handOver()
                group.wait()
            }
            if range.end > end { break }
            next = try ranges.next()
        }
        try handOver()
    }

    /// Clears all ranges: the object is known to be zeros. `memory` is room for one block.
    mutating func writeZeros(memory: UnsafeMutableRawBufferPointer) throws {
        while let range = try ranges.next() {
            if range.isOverwritten { continue }
            try worker.stopIfOver()
            try checkZeros(range.start..<range.end)
            try worker.target.writeZeros(range.start..<range.end, overwriting: overwrites)
            worker.meter.add(bytes: range.end - range.start)
            worker.engine.traffic.addRestored(range.end - range.start)
        }
    }

    private mutating func checkZeros(_ range: Range<Int64>) throws {
        guard let check = worker.check else { return }
        let blocks = check.blocks(in: range)
        rememberCut(blocks.cut)
        if let damaged = try check.firstNotZero(blocks.whole, bench) {
            throw EngineError.corruptBlock(name: object.name, offset: check.range(ofBlock: damaged).lowerBound)
        }
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int64>) throws {
        guard let check = worker.check else { return }
        let blocks = check.blocks(in: range)
        rememberCut(blocks.cut)
        if let damaged = try check.firstDamaged(blocks.whole, in: bytes, at: range.lowerBound, bench) {
            throw EngineError.corruptBlock(name: object.name, offset: check.range(ofBlock: damaged).lowerBound)
        }
    }

    /// Each once: many short ranges may lie in the same block.
    private mutating func rememberCut(_ blocks: [Int]) {
        for block in blocks where block != cutBlocks.last { cutBlocks.append(block) }
    }
}
