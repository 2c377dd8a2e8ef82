// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Writes those ranges of an object that the map wants, window by window.
struct RangeWriter {
    let worker: RestoreWorker
    let object: StoredObject
    let bench: Workbench
    private var ranges: SpoolCursor<ByteRange>
    private var next: ByteRange?
    private var isStarted = false
    private(set) var cutBlocks: [Int] = []

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
            worker.meter.add(bytes: Int64(part.count))
            worker.engine.traffic.addRestored(Int64(part.count))
            if range.end > end { break }
            next = try ranges.next()
        }
    }

    /// Clears all ranges: the object is known to be zeros. `memory` is room for one block.
    mutating func writeZeros(memory: UnsafeMutableRawBufferPointer) throws {
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        while let range = try ranges.next() {
            try worker.control.stopIfAbandoned()
            try checkZeros(range.start..<range.end, UnsafeRawBufferPointer(memory))
            try worker.target.writeZeros(range.start..<range.end)
            worker.meter.add(bytes: range.end - range.start)
            worker.engine.traffic.addRestored(range.end - range.start)
        }
    }

    private mutating func checkZeros(_ range: Range<Int64>, _ zeros: UnsafeRawBufferPointer) throws {
        guard let check = worker.check else { return }
        let blocks = check.blocks(in: range)
        cutBlocks.append(contentsOf: blocks.cut)
        if let damaged = try check.firstNotZero(blocks.whole, zeros, bench) {
            throw EngineError.corruptBlock(name: object.name, offset: check.range(ofBlock: damaged).lowerBound)
        }
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int64>) throws {
        guard let check = worker.check else { return }
        let blocks = check.blocks(in: range)
        cutBlocks.append(contentsOf: blocks.cut)
        if let damaged = try check.firstDamaged(blocks.whole, in: bytes, at: range.lowerBound, bench) {
            throw EngineError.corruptBlock(name: object.name, offset: check.range(ofBlock: damaged).lowerBound)
        }
    }
}
