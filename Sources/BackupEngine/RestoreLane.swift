// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// One object on its way to the volume, window by window.
struct RestoreLane {
    private let object: StoredObject
    private let zeros: ZeroObjects
    private let output: UnsafeMutableRawBufferPointer
    private let blockBytes: Int64
    /// nil when the object was known from its stored bytes: there is nothing to unpack.
    private var stream: ObjectStream?
    private var writer: RangeWriter
    private var position: Int64
    /// The stored bytes, while all of it may turn out to be zeros.
    private var possibleZeros: [UInt8]?

    /// Longer objects are not remembered as zeros: 16 MiB of them are 16 KiB as zlib.
    private static let longestKnown = 64 << 10

    /// `input` and `output`: memory for stored and for unpacked bytes.
    init(
        _ object: StoredObject, from reader: any ObjectReader, bench: Workbench, input: UnsafeMutableRawBufferPointer,
        output: UnsafeMutableRawBufferPointer, blockBytes: Int, zeros: ZeroObjects, writer: RangeWriter
    ) throws {
        self.object = object
        self.zeros = zeros
        self.output = output
        self.blockBytes = Int64(blockBytes)
        self.writer = writer
        position = object.offset
        guard reader.length <= Self.longestKnown else {
            stream = try ObjectStream(object, from: reader, inputMemory: input, readBytes: 0, bench)
            return
        }
        let stored = UnsafeRawBufferPointer(rebasing: input[..<(try reader.read(into: input))])
        if zeros.areKnown(stored, of: object) {
            try self.writer.writeZeros(memory: output)
            position = object.offset + object.length
        } else {
            possibleZeros = Array(stored)
            stream = try ObjectStream(object, from: reader, inputMemory: input, readBytes: stored.count, bench)
        }
    }

    var cutBlocks: [Int] { writer.cutBlocks }

    /// The next bytes of the object; none at its end.
    mutating func unpackWindow() throws -> UnsafeRawBufferPointer {
        let objectEnd = object.offset + object.length
        guard position < objectEnd else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let end = windowEnd(objectEnd)
        let window = UnsafeMutableRawBufferPointer(rebasing: output[..<Int(end - position)])
        try stream?.read(into: window)
        return UnsafeRawBufferPointer(window)
    }

    /// Writes what `unpackWindow` gave.
    mutating func write(_ window: UnsafeRawBufferPointer) throws {
        if possibleZeros != nil, !isAllZero(window) { possibleZeros = nil }
        try writer.write(window, at: position)
        position += Int64(window.count)
    }

    /// `md5`: of all windows.
    mutating func finish(_ md5: MD5Digest) throws {
        try stream?.finish(md5)
        possibleZeros?.withUnsafeBytes { zeros.remember($0, of: object) }
    }

    /// Windows end on block borders of the volume, so that blocks stay whole.
    private func windowEnd(_ objectEnd: Int64) -> Int64 {
        let limit = position + Int64(output.count)
        if limit >= objectEnd { return objectEnd }
        let border = limit / blockBytes * blockBytes
        return border > position ? border : limit
    }
}
