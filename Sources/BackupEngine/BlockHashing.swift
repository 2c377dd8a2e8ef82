// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs

/// The digests of blocks that follow one another, and where they are zero.
struct BlockHashes {
    var digests: [SHA256Digest] = []
    /// In bytes from the start of the first block.
    var zeroRuns: [Range<Int>] = []
}

extension SHA256Hasher {
    /// Hashes `content` block by block, two at a time; the last one may be short. What is zero is not hashed.
    func hashBlocks(of content: UnsafeRawBufferPointer, blockBytes: Int) -> BlockHashes {
        let blocks = blockRanges(in: content.count, blockBytes).map { range in
            let bytes = UnsafeRawBufferPointer(rebasing: content[range])
            return (range: range, bytes: bytes, isZero: isAllZero(bytes))
        }
        var digests = self.digests(of: blocks.lazy.filter { !$0.isZero }.map(\.bytes)).makeIterator()
        var hashes = BlockHashes()
        hashes.digests.reserveCapacity(blocks.count)
        for block in blocks {
            if block.isZero {
                hashes.zeroRuns.appendJoined(block.range)
                hashes.digests.append(digest(ofZeros: block.range.count))
            } else {
                guard let digest = digests.next() else { preconditionFailure("a block without a digest") }
                hashes.digests.append(digest)
            }
        }
        return hashes
    }

    /// The same for that many zeros.
    func hashBlocks(ofZeros byteCount: Int, blockBytes: Int) -> BlockHashes {
        BlockHashes(
            digests: blockRanges(in: byteCount, blockBytes).map { digest(ofZeros: $0.count) },
            zeroRuns: [0..<byteCount])
    }
}

private func blockRanges(in byteCount: Int, _ blockBytes: Int) -> [Range<Int>] {
    stride(from: 0, to: byteCount, by: blockBytes).map { $0..<min($0 + blockBytes, byteCount) }
}
