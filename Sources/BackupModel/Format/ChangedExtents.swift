// SPDX-License-Identifier: Apache-2.0

/// The runs of blocks in one chunk that differ from the parent backup.
///
/// `digests` are the SHA-256 of this chunk's blocks, in volume order; `parent` are the parent's digests for
/// the same blocks. A block the parent does not have counts as changed, so no parent at all yields one extent:
/// a full backup.
package func changedExtents(in digests: [SHA256Digest], since parent: [SHA256Digest]) -> [Range<Int>] {
    var extents: [Range<Int>] = []
    var parentDigests = parent.makeIterator()

    for (block, digest) in digests.enumerated() where digest != parentDigests.next() {
        extents.appendJoined(block..<block + 1)
    }
    return extents
}
