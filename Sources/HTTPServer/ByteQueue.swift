// SPDX-License-Identifier: Apache-2.0

/// Bytes that have arrived and not been read yet.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var position = 0

    var isEmpty: Bool { position == bytes.count }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.removeFirst(position)
        position = 0
        bytes.append(contentsOf: more)
    }

    mutating func popFirst() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Removes at most `count` bytes.
    mutating func take(upTo count: Int) -> ArraySlice<UInt8> {
        let end = position + min(count, bytes.count - position)
        defer { position = end }
        return bytes[position..<end]
    }
}
