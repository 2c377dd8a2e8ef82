// SPDX-License-Identifier: Apache-2.0

/// Cuts long runs of one kind out of an extent, so that each becomes an object of its own. Zeros then are a tiny object, whose
/// bytes and MD5 are known, in place of megabytes to be hashed and packed now and unpacked in every restore; noise is
/// stored as it is, and nobody tries to pack it.
///
/// - Parameters:
///   - extent: Bytes of a chunk.
///   - runs: Where the chunk is zero, or noise, in ascending order.
///   - unit: Runs are cut out in multiples of this many bytes, so that few lengths occur; what is left over stays
///     with its neighbour.
/// - Returns: Ranges in ascending order that make up the extent.
func cut(_ extent: Range<Int>, at runs: [Range<Int>], unit: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = extent.lowerBound
    for run in runs {
        let run = run.clamped(to: start..<extent.upperBound)
        let count = run.count / unit * unit
        guard count > 0 else { continue }
        // What is left over goes to what lies before it, not to the end, where it would be an object for itself.
        let first = run.upperBound == extent.upperBound && run != extent ? run.upperBound - count : run.lowerBound
        if start < first { pieces.append(start..<first) }
        let end = run == extent ? run.upperBound : first + count
        pieces.append(first..<end)
        start = end
    }
    if start < extent.upperBound { pieces.append(start..<extent.upperBound) }
    return pieces
}
