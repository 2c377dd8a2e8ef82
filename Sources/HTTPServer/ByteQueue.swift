// SPDX-License-Identifier: Apache-2.0

/// Bytes that have arrived and not been read yet. An empty one holds no memory, however much has gone through it.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var position = 0

    var isEmpty: Bool { position == bytes.count }
    var count: Int { bytes.count - position }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.removeFirst(position)
        position = 0
        bytes.append(contentsOf: more)
    }

    mutating func popFirst() -> UInt8? {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        advance(to: position + 1)
        return byte
    }

    /// Removes at most `count` bytes.
    mutating func take(upTo count: Int) -> ArraySlice<UInt8> {
        let start = position
        let taken = bytes[start..<start + min(count, bytes.count - start)]
        advance(to: taken.endIndex)
        return taken
    }

    private mutating func advance(to index: Int) {
        position = index
        if isEmpty { self = ByteQueue() }
    }
}
