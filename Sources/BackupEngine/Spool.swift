// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage
import Synchronization

/// A list of plain values that lives in a nameless file once it grows: the digests of a volume, the objects of
/// a backup and the map of a restore have millions of elements and take a fixed amount of memory.
///
/// One thread appends; afterwards any thread may read.
package final class Spool<Element: BitwiseCopyable>: @unchecked Sendable {  // see above
    private let directory: String
    private let bufferElements: Int
    private var buffer: [Element] = []
    private var file: OpenFile?
    private var storedCount = 0
    /// Where the first element is in the file.
    private let fileStart: Int

    /// `directory` is where the file is made, unlinked from the start: a crash leaves nothing behind.
    package init(in directory: String, bufferBytes: Int = 256 << 10) {
        self.directory = directory
        fileStart = 0
        bufferElements = max(1, bufferBytes / MemoryLayout<Element>.stride)
    }

    /// A list that is in a file already; nothing is to be appended.
    init(adopting file: OpenFile, from start: Int, count: Int) {
        directory = ""
        bufferElements = 0
        fileStart = start
        self.file = file
        storedCount = count
    }

    package var count: Int { storedCount + buffer.count }
    package var isEmpty: Bool { count == 0 }

    package func append(_ element: Element) throws {
        precondition(bufferElements > 0)
        buffer.append(element)
        if buffer.count >= bufferElements { try flush() }
    }

    package func append(contentsOf elements: some Sequence<Element>) throws {
        precondition(bufferElements > 0)
        buffer.append(contentsOf: elements)
        if buffer.count >= bufferElements { try flush() }
    }

    /// The elements of `range`, which must lie within the list.
    package func read(_ range: Range<Int>) throws -> [Element] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var elements: [Element] = []
        let stored = range.clamped(to: 0..<storedCount)
        if !stored.isEmpty { elements = try readStored(stored) }
        let buffered = range.clamped(to: storedCount..<count)
        elements.append(contentsOf: buffer[(buffered.lowerBound - storedCount)..<(buffered.upperBound - storedCount)])
        return elements
    }

    /// Calls `body` with each element of `range` (all by default), in order.
    package func forEach(in range: Range<Int>? = nil, _ body: (Element) throws -> Void) throws {
        var cursor = SpoolCursor(self, range ?? 0..<count)
        while let element = try cursor.next() { try body(element) }
    }

    private func flush() throws {
        let file = try self.file ?? Self.namelessFile(in: directory)
        self.file = file
        try buffer.withUnsafeBytes { try file.write($0, at: Int64(storedCount * MemoryLayout<Element>.stride)) }
        storedCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private func readStored(_ range: Range<Int>) throws -> [Element] {
        guard let file else { return [] }
        let stride = MemoryLayout<Element>.stride
        return try [Element](unsafeUninitializedCapacity: range.count) { elements, count in
            let bytes = UnsafeMutableRawBufferPointer(start: elements.baseAddress, count: range.count * stride)
            guard try file.read(into: bytes, at: Int64(fileStart + range.lowerBound * stride)) == bytes.count else {
                throw SystemCallError("read back", file.path, .ioError)
            }
            count = range.count
        }
    }

    /// O_TMPFILE where the file system has it, else a file that is unlinked at once.
    private static func namelessFile(in directory: String) throws -> OpenFile {
        do {
            return try OpenFile(directory, O_RDWR | OpenFile.nameless)
        } catch let error as SystemCallError where error.errno == .notSupported || error.errno == .isDirectory {
            let path = "\(directory)/spool-\(getpid())-\(UInt64.random(in: 0 ... .max))"
            let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
            try systemCall("remove", path) { unlink(path) }
            return file
        }
    }
}

/// Reads a spool from front to back, a piece at a time.
package struct SpoolCursor<Element: BitwiseCopyable> {
    private let spool: Spool<Element>
    private var rest: Range<Int>
    private var piece: [Element] = []
    private var position = 0
    private let pieceElements: Int

    package init(_ spool: Spool<Element>, _ range: Range<Int>? = nil) {
        self.spool = spool
        rest = range ?? 0..<spool.count
        pieceElements = max(1, (64 << 10) / MemoryLayout<Element>.stride)
    }

    package mutating func next() throws -> Element? {
        if position == piece.count {
            guard !rest.isEmpty else { return nil }
            let count = min(rest.count, pieceElements)
            piece = try spool.read(rest.lowerBound..<rest.lowerBound + count)
            rest = rest.lowerBound + count..<rest.upperBound
            position = 0
        }
        defer { position += 1 }
        return piece[position]
    }
}
