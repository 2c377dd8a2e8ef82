// SPDX-License-Identifier: Apache-2.0

/// A set of object numbers: half a byte for each of many that follow one another, a few words for a stray one,
/// and a bound on how many of those there may be.
struct NumberSet {
    private var words: [Int64: UInt64] = [:]

    /// False when the numbers are too many or too far apart to be those of a backup: 2²⁰ words hold 67 million
    /// that follow one another.
    var isBounded: Bool { words.count <= 1 << 20 }

    /// False when the number was in the set already.
    mutating func insert(_ number: Int64) -> Bool {
        let bit = UInt64(1) << UInt64(number & 63)
        let word = words[number >> 6, default: 0]
        words[number >> 6] = word | bit
        return word & bit == 0
    }

    /// False when the number was not in the set.
    mutating func remove(_ number: Int64) -> Bool {
        let bit = UInt64(1) << UInt64(number & 63)
        guard let word = words[number >> 6], word & bit != 0 else { return false }
        words[number >> 6] = word == bit ? nil : word & ~bit
        return true
    }

    var count: Int { words.values.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Takes out one number after the other, each when `body` has returned; the first that it throws for stays, and all
    /// that are left.
    mutating func removeAll(_ body: (Int64) throws -> Void) rethrows {
        for key in words.keys.sorted() {
            while let word = words[key] {
                let number = key << 6 + Int64(word.trailingZeroBitCount)
                try body(number)
                _ = remove(number)
            }
        }
    }

    /// The smallest number; nil when the set is empty.
    var first: Int64? {
        words.min { $0.key < $1.key }.map { $0.key << 6 + Int64($0.value.trailingZeroBitCount) }
    }
}
