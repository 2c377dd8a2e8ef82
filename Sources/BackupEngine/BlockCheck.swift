// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs

/// Compares the blocks of a volume with the digests of its sha256file.
struct BlockCheck: Sendable {
    let digests: DigestFile
    /// Exact length of the volume: its last block may be short.
    let length: Int64

    private var blockBytes: Int64 { Int64(digests.blockBytes) }

    func range(ofBlock block: Int) -> Range<Int64> {
        let start = Int64(block) * blockBytes
        return start..<min(start + blockBytes, length)
    }

    /// The blocks that lie wholly inside `range`, and those that only touch it.
    func blocks(in range: Range<Int64>) -> (whole: Range<Int>, cut: [Int]) {
        let first = Int(range.lowerBound / blockBytes)
        let last = Int((range.upperBound - 1) / blockBytes)
        var whole = first..<last + 1
        var cut: [Int] = []
        if self.range(ofBlock: first).lowerBound < range.lowerBound {
            cut.append(first)
            whole = first + 1..<max(first + 1, last + 1)
        }
        if !whole.isEmpty, self.range(ofBlock: last).upperBound > range.upperBound {
            cut.append(last)
            whole = whole.lowerBound..<last
        }
        return (whole, cut)
    }

    /// The first of `blocks` whose bytes do not have their digest; `bytes` begin at `offset` of the volume.
    func firstDamaged(
        _ blocks: Range<Int>, in bytes: UnsafeRawBufferPointer, at offset: Int64, _ bench: Workbench
    ) throws -> Int? {
        guard !blocks.isEmpty else { return nil }
        let expected = try digests.digests.read(blocks)
        let start = Int(range(ofBlock: blocks.lowerBound).lowerBound - offset)
        let end = Int(range(ofBlock: blocks.upperBound - 1).upperBound - offset)
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        let found = bench.sha256.hashBlocks(of: content, blockBytes: digests.blockBytes).digests
        return zip(blocks, zip(found, expected)).first { $1.0 != $1.1 }?.0
    }

    /// The first of `blocks` whose digest is not that of zeros.
    func firstNotZero(_ blocks: Range<Int>, _ bench: Workbench) throws -> Int? {
        var block = blocks.lowerBound
        var cursor = SpoolCursor(digests.digests, blocks)
        while let digest = try cursor.next() {
            if digest != bench.sha256.digest(ofZeros: range(ofBlock: block).count) { return block }
            block += 1
        }
        return nil
    }
}
