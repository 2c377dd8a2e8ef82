// SPDX-License-Identifier: Apache-2.0
import Foundation

/// xorshift64*: the same bytes for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    /// A new seed per run, printed with the name of the test; `TEST_SEED` in the environment repeats a run.
    static func printed(_ test: String = #function) -> SeededRandom {
        let chosen = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        let seed = chosen ?? .random(in: 1...UInt64.max)
        print("\(test): TEST_SEED=\(seed)")
        return SeededRandom(seed: seed)
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
