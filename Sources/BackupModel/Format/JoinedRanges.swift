// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// Appends a range, or makes the last one longer where it ends just there.
    @inlinable package mutating func appendJoined<Bound>(_ range: Range<Bound>) where Element == Range<Bound> {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
