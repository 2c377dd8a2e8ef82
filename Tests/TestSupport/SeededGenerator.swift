// SPDX-License-Identifier: Apache-2.0

/// Random numbers that a seed repeats (SplitMix64). Tests print the seed.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A new seed, or the one in the environment variable `CINDERBLOCK_SEED`.
    package static func seed() -> UInt64 {
        environment("CINDERBLOCK_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
