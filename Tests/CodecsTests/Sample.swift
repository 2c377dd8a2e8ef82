// SPDX-License-Identifier: Apache-2.0

/// What volumes are full of.
enum Sample: CaseIterable {
    case zeros
    case text
    case noise
    case repeats

    func bytes(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: UInt64(count) &* 0x9E37_79B9_7F4A_7C15)
        switch self {
        case .zeros: return [UInt8](repeating: 0, count: count)
        case .text: return Self.words(count, from: &random)
        case .noise: return Self.noise(count, from: &random)
        case .repeats: return Self.repeated(Self.noise(5000, from: &random), count)
        }
    }

    static func noise(_ count: Int, from random: inout SeededRandom) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
            for index in 0..<count { bytes[index] = UInt8(truncatingIfNeeded: random.next() >> 40) }
            initialized = count
        }
    }

    private static func words(_ count: Int, from random: inout SeededRandom) -> [UInt8] {
        let vocabulary = (0..<300).map { _ in
            (0..<Int.random(in: 2...9, using: &random)).map { _ in UInt8.random(in: 97...122, using: &random) } + [32]
        }
        var text: [UInt8] = []
        text.reserveCapacity(count + 10)
        while text.count < count { text += vocabulary[Int(random.next() % 300)] }
        return Array(text.prefix(count))
    }

    private static func repeated(_ pattern: [UInt8], _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + pattern.count)
        while bytes.count < count { bytes += pattern }
        return Array(bytes.prefix(count))
    }
}
