// SPDX-License-Identifier: Apache-2.0
import ObjectStorage

/// Reads an object that is in memory.
package final class MemoryObjectReader: ObjectReader {
    private var rest: ArraySlice<UInt8>
    package let length: Int64

    package init(_ bytes: [UInt8]) {
        rest = bytes[...]
        length = Int64(bytes.count)
    }

    package func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(bytes.count, rest.count)
        bytes.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }
}
