// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A buffer whose last byte is the last of its page, before a page that may not be touched: reading or writing one byte
/// too far ends the test run at once.
final class GuardedBuffer {
    let bytes: UnsafeMutableRawBufferPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappingBytes: Int

    init(count: Int) {
        let page = 4096
        let usable = (count + page - 1) / page * page
        mappingBytes = usable + page
        guard let mapping = mmap(nil, mappingBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapping != MAP_FAILED, mprotect(mapping + usable, page, PROT_NONE) == 0
        else { preconditionFailure("mmap failed: errno \(errno)") }
        self.mapping = mapping
        bytes = UnsafeMutableRawBufferPointer(start: mapping + (usable - count), count: count)
    }

    convenience init(_ content: some Collection<UInt8>) {
        self.init(count: content.count)
        bytes.copyBytes(from: content)
    }

    deinit { munmap(mapping, mappingBytes) }
}
