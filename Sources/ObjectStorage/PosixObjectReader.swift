// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

/// Reads an object of a directory from its start. Large aligned memory is filled past the page cache; other
/// reads leave nothing in it for long.
final class PosixObjectReader: ObjectReader {
    let length: Int64
    private let file: OpenFile
    private var uncached: UncachedFile?
    private var position: Int64 = 0

    /// `length`: of the file.
    init(_ file: OpenFile, length: Int64) {
        self.file = file
        self.length = length
    }

    deinit { if uncached == nil { file.dropCache() } }

    func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let wanted = UnsafeMutableRawBufferPointer(rebasing: bytes[..<pagesLeft(atMost: bytes.count)])
        let count = try UncachedFile.fits(wanted, at: position) ? readUncached(into: wanted) : readAhead(into: wanted)
        position += Int64(count)
        return count
    }

    /// Bytes to the end in whole pages: a direct read beyond it would clear the rest of the memory, nearly all of it
    /// for a small object.
    private func pagesLeft(atMost limit: Int) -> Int {
        let left = max(0, length - position)
        guard left < limit else { return limit }
        let pages = (Int(left) + UncachedFile.alignment - 1) / UncachedFile.alignment
        return min(pages * UncachedFile.alignment, limit)
    }

    private func readUncached(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let uncached = try self.uncached ?? UncachedFile(file, access: O_RDONLY)
        self.uncached = uncached
        return try uncached.read(into: bytes, at: position)
    }

    private func readAhead(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        if position == 0 { _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
        return try file.read(into: bytes, at: position)
    }
}
