// SPDX-License-Identifier: Apache-2.0

/// What a stretch of a volume is filled with.
package enum VolumePattern: CaseIterable, Sendable {
    case zeros
    case noise
    case text
    /// One short run of noise, again and again.
    case repeats
    /// Zeros with a single other byte somewhere.
    case almostZeros

    package func bytes(_ count: Int, using random: inout SeededGenerator) -> [UInt8] {
        switch self {
        case .zeros: return [UInt8](repeating: 0, count: count)
        case .noise: return Self.noise(count, using: &random)
        case .text:
            let words = "the a volume chunk block backup of and is in container object restore ".utf8
            return Self.repeated(Array(words), from: Int.random(in: 0..<words.count, using: &random), count)
        case .repeats:
            return Self.repeated(Self.noise(Int.random(in: 1...5000, using: &random), using: &random), count)
        case .almostZeros:
            var bytes = [UInt8](repeating: 0, count: count)
            if count > 0 { bytes[Int.random(in: 0..<count, using: &random)] = .random(in: 1...255, using: &random) }
            return bytes
        }
    }

    private static func noise(_ count: Int, using random: inout SeededGenerator) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: (count + 7) / 8)
        for index in words.indices { words[index] = random.next() }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    private static func repeated(_ pattern: [UInt8], from start: Int = 0, _ count: Int) -> [UInt8] {
        var bytes = Array(pattern[start...].prefix(count))
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes.append(contentsOf: pattern.prefix(count - bytes.count)) }
        return bytes
    }
}
