// SPDX-License-Identifier: Apache-2.0

/// The same extents, but at most `limit` of them: those with the shortest gaps between them become one, with the
/// unchanged blocks of the gap.
///
/// Each extent becomes an object, and an object costs the same however small it is. The format allows unchanged
/// blocks in an object: a restore takes the newest object that covers a block, whose content is the same.
///
/// - Parameter extents: In ascending order, with gaps between them.
package func joinedExtents(_ extents: [Range<Int>], atMost limit: Int) -> [Range<Int>] {
    let surplus = extents.count - max(1, limit)
    guard surplus > 0 else { return extents }
    let closest = extents.indices.dropFirst().sorted { gap(before: $0, extents) < gap(before: $1, extents) }
    let joinedToLast = Set(closest.prefix(surplus))
    var joined: [Range<Int>] = []
    for (index, extent) in extents.enumerated() {
        if joinedToLast.contains(index), let last = joined.popLast() {
            joined.append(last.lowerBound..<extent.upperBound)
        } else {
            joined.append(extent)
        }
    }
    return joined
}

private func gap(before index: Int, _ extents: [Range<Int>]) -> Int {
    extents[index].lowerBound - extents[index - 1].upperBound
}
