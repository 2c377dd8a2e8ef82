// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

/// Reads an object of a directory from its start, without filling the page cache with it.
final class PosixObjectReader: ObjectReader {
    let length: Int64
    private let file: OpenFile
    private var position: Int64 = 0

    init(_ file: OpenFile) throws {
        self.file = file
        length = try FileStatus(of: file).length
        _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { file.dropCache() }

    func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try file.read(into: bytes, at: position)
        position += Int64(count)
        return count
    }
}
