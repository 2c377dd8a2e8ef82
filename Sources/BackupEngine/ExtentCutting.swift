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
///   - blockBytes: Of which `unit` is a multiple. Pieces begin where blocks do.
/// - Returns: Ranges in ascending order that make up the extent.
func cut(_ extent: Range<Int>, at runs: [Range<Int>], unit: Int, blockBytes: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = extent.lowerBound
    for run in runs {
        let run = run.clamped(to: start..<extent.upperBound)
        let count = run.count / unit * unit
        guard count > 0 else { continue }
        // At the end, what is left over goes to what lies before it: it would be an object for itself. A block that
        // is cut short by the end of the volume goes with the run.
        let isLast = run.upperBound == extent.upperBound
        let spare = isLast && run != extent ? (run.count - count) / blockBytes * blockBytes : 0
        let first = run.lowerBound + spare
        let end = isLast ? run.upperBound : first + count
        if start < first { pieces.append(start..<first) }
        pieces.append(first..<end)
        start = end
    }
    if start < extent.upperBound { pieces.append(start..<extent.upperBound) }
    return pieces
}
