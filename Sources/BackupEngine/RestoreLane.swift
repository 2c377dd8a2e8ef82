// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// One object on its way to the volume, window by window.
struct RestoreLane {
    let slot: LaneSlot
    /// What it needs, its codec included.
    let memoryBytes: Int
    /// Of all windows so far.
    var md5 = RunningMD5()
    private let object: StoredObject
    private let zeros: ZeroObjects
    private let blockBytes: Int64
    /// nil when the object was known from its stored bytes: there is nothing to unpack.
    private var stream: ObjectStream?
    private var writer: RangeWriter
    private var position: Int64
    /// The stored bytes, while all of it may turn out to be zeros.
    private var possibleZeros: [UInt8]?

    /// Longer objects are not remembered as zeros: 16 MiB of them are 16 KiB as zlib.
    private static let longestKnown = 64 << 10
    /// What has not become this much shorter is no zeros, save what is stored as it is.
    private static let leastRatio: Int64 = 32

    /// `open`: opens the object.
    init(
        _ object: StoredObject, open: @escaping () throws -> any ObjectReader, in slot: LaneSlot, memoryBytes: Int,
        blockBytes: Int, zeros: ZeroObjects, writer: RangeWriter
    ) throws {
        let reader = try open()
        self.memoryBytes = memoryBytes
        self.object = object
        self.zeros = zeros
        self.slot = slot
        self.blockBytes = Int64(blockBytes)
        self.writer = writer
        position = object.offset
        guard reader.length <= Self.longestKnown, reader.length <= object.length / Self.leastRatio else {
            stream = try ObjectStream(
                object, from: reader, reopen: open, inputMemory: slot.input, readBytes: 0, slot.bench)
            return
        }
        let stored = UnsafeRawBufferPointer(rebasing: slot.input[..<(try reader.read(into: slot.input))])
        if zeros.areKnown(stored, of: object) {
            try self.writer.writeZeros(memory: slot.nextWindow())
            position = object.offset + object.length
        } else {
            possibleZeros = Array(stored)
            stream = try ObjectStream(
                object, from: reader, reopen: open, inputMemory: slot.input, readBytes: stored.count, slot.bench)
        }
    }

    var cutBlocks: [Int] { writer.cutBlocks }

    /// Whether all of the object has been written.
    var isThrough: Bool { position == object.offset + object.length }

    /// The next bytes of an object that is not through.
    mutating func unpackWindow() throws -> UnsafeRawBufferPointer {
        let output = slot.nextWindow()
        let end = windowEnd(object.offset + object.length, limit: position + Int64(output.count))
        let window = UnsafeMutableRawBufferPointer(rebasing: output[..<Int(end - position)])
        try stream?.read(into: window)
        return UnsafeRawBufferPointer(window)
    }

    /// Checks what `unpackWindow` gave, and has it written.
    mutating func write(_ window: UnsafeRawBufferPointer) throws {
        if possibleZeros != nil, !isAllZero(window) { possibleZeros = nil }
        try writer.write(window, at: position, group: slot.writing)
        position += Int64(window.count)
    }

    /// To be called when the object is through.
    mutating func finish() throws {
        try stream?.finish(md5.finish())
        possibleZeros?.withUnsafeBytes { zeros.remember($0, of: object) }
    }

    /// Windows end on block borders of the volume, so that blocks stay whole.
    private func windowEnd(_ objectEnd: Int64, limit: Int64) -> Int64 {
        if limit >= objectEnd { return objectEnd }
        let border = limit / blockBytes * blockBytes
        return border > position ? border : limit
    }
}
