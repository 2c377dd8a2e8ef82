// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Memory on page borders, as O_DIRECT wants it, straight from the kernel and back to it: a buffer of megabytes
/// that stayed in the allocator would count for ever.
package final class AlignedBuffer: @unchecked Sendable {  // one owner at a time writes to it
    package let bytes: UnsafeMutableRawBufferPointer

    /// What the kernel hands out at least.
    package static let pageBytes = 4096

    /// - Throws: `SystemCallError` when there is no memory.
    package init(byteCount: Int) throws {
        let length = max(Self.pageBytes, byteCount)
        guard let memory = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw SystemCallError("map", "\(length) bytes of memory", Errno(rawValue: errno)) }
        bytes = UnsafeMutableRawBufferPointer(start: memory, count: length)
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }
}
