// SPDX-License-Identifier: Apache-2.0

/// Whether `bytes` are nothing but zeros; true when there are none.
///
/// At the speed of memory, and done after the first few hundred bytes of anything else, so that empty blocks can be
/// found by comparison instead of by hashing.
package func isAllZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    typealias Line = SIMD8<UInt64>
    let lineBytes = MemoryLayout<Line>.size
    let stride = 4 * lineBytes

    var offset = 0
    while offset + stride <= bytes.count {
        let first = bytes.loadUnaligned(fromByteOffset: offset, as: Line.self)
        let second = bytes.loadUnaligned(fromByteOffset: offset + lineBytes, as: Line.self)
        let third = bytes.loadUnaligned(fromByteOffset: offset + 2 * lineBytes, as: Line.self)
        let fourth = bytes.loadUnaligned(fromByteOffset: offset + 3 * lineBytes, as: Line.self)
        guard (first | second | third | fourth) == Line.zero else { return false }
        offset += stride
    }
    return bytes[offset...].allSatisfy { $0 == 0 }
}
