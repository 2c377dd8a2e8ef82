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

    init(_ file: OpenFile) throws {
        self.file = file
        length = try FileStatus(of: file).length
    }

    deinit { if uncached == nil { file.dropCache() } }

    func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try UncachedFile.fits(bytes, at: position) ? readUncached(into: bytes) : readAhead(into: bytes)
        position += Int64(count)
        return count
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
