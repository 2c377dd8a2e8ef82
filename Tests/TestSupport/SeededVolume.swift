// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

/// The bytes of a volume, made and changed at random: borders of chunks and blocks are where it hurts.
package struct SeededVolume: Sendable {
    package private(set) var bytes: [UInt8]
    private let chunkBytes: Int
    private let blockBytes: Int

    /// About `byteCount` bytes: often with an odd tail, sometimes a whole number of chunks or blocks, or none.
    package init(about byteCount: Int, chunkBytes: Int, blockBytes: Int, using random: inout SeededGenerator) {
        self.chunkBytes = chunkBytes
        self.blockBytes = blockBytes
        bytes = []
        grow(to: Self.length(near: byteCount, chunkBytes, blockBytes, using: &random), using: &random)
    }

    /// Stretches of equal length, one for each of the patterns.
    package init(patterns: [VolumePattern], of byteCount: Int, using random: inout SeededGenerator) {
        chunkBytes = 65536
        blockBytes = 4096
        bytes = patterns.flatMap { $0.bytes(byteCount / patterns.count, using: &random) }
    }

    private static func length(
        near byteCount: Int, _ chunkBytes: Int, _ blockBytes: Int, using random: inout SeededGenerator
    ) -> Int {
        let border = [chunkBytes, blockBytes, 4096, 512].randomElement(using: &random) ?? 1
        let whole = byteCount / border * border
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return whole
        case 1: return whole + 1
        case 2: return max(0, whole - 1)
        case 3: return [0, 1, blockBytes, chunkBytes].randomElement(using: &random) ?? 0
        default: return Int.random(in: 0...byteCount, using: &random)
        }
    }

    // MARK: - Changes

    /// Changes it as a day of use does: here and there, in one place, to zeros; sometimes it grows or shrinks.
    package mutating func mutate(using random: inout SeededGenerator) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: break  // nothing at all
        case 1: grow(to: bytes.count + Int.random(in: 1...2 * chunkBytes, using: &random), using: &random)
        case 2: bytes.removeLast(min(bytes.count, Int.random(in: 0...chunkBytes, using: &random)))
        case 3: fill(.zeros, stretch(using: &random), using: &random)
        case 4: fill(.zeros, 0..<bytes.count, using: &random)
        case 5, 6:
            for _ in 0..<Int.random(in: 1...8, using: &random) { flipByte(using: &random) }
        default:
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                fill(Self.pattern(using: &random), stretch(using: &random), using: &random)
            }
        }
    }

    private mutating func grow(to byteCount: Int, using random: inout SeededGenerator) {
        while bytes.count < byteCount {
            let count = min(byteCount - bytes.count, Int.random(in: 1...2 * chunkBytes, using: &random))
            bytes += Self.pattern(using: &random).bytes(count, using: &random)
            // Zeros that end at, just before or just behind a border.
            if bytes.count > blockBytes, Bool.random(using: &random) {
                fill(.zeros, stretch(using: &random), using: &random)
            }
        }
    }

    private mutating func flipByte(using random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= .random(in: 1...255, using: &random)
    }

    private mutating func fill(_ pattern: VolumePattern, _ range: Range<Int>, using random: inout SeededGenerator) {
        bytes.replaceSubrange(range, with: pattern.bytes(range.count, using: &random))
    }

    /// A range whose ends are often at a border of blocks or chunks, or one byte off it.
    private func stretch(using random: inout SeededGenerator) -> Range<Int> {
        func end() -> Int {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let border = [chunkBytes, blockBytes, 4096].randomElement(using: &random) ?? 1
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return position
            case 1: return min(bytes.count, position / border * border + 1)
            case 2: return max(0, position / border * border - 1)
            default: return position / border * border
            }
        }
        let ends = [end(), end()].sorted()
        return ends[0]..<ends[1]
    }

    private static func pattern(using random: inout SeededGenerator) -> VolumePattern {
        VolumePattern.allCases.randomElement(using: &random) ?? .noise
    }

    /// Overwrites a range.
    package mutating func change(_ pattern: VolumePattern, _ range: Range<Int>, using random: inout SeededGenerator) {
        fill(pattern, range.clamped(to: 0..<bytes.count), using: &random)
    }

    // MARK: - Files

    /// Writes the volume into a file; zeros become holes where a coin says so.
    package func write(to path: String, using random: inout SeededGenerator) throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_TRUNC)
        try file.truncate(to: Int64(bytes.count))
        try bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 4096) {
                let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 4096, bytes.count)])
                if piece.allSatisfy({ $0 == 0 }), Bool.random(using: &random) { continue }
                try file.write(piece, at: Int64(start))
            }
        }
    }
}
