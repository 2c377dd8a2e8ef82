// SPDX-License-Identifier: Apache-2.0
import Posix

extension Int64 {
    private static let pageBytes = Int64(UncachedFile.alignment)

    /// The start of the page that this byte is in.
    var alignedDown: Int64 { self / Self.pageBytes * Self.pageBytes }

    /// The start of the first page that begins here or later.
    var alignedUp: Int64 { (self + Self.pageBytes - 1).alignedDown }
}

extension Range<Int64> {
    /// The pages that lie wholly inside; empty when there is none.
    var wholePages: Range<Int64> {
        let start = lowerBound.alignedUp
        return start..<Swift.max(start, upperBound.alignedDown)
    }
}
