// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Foundation
import Glibc
import Posix
import TestSupport

/// An image file to be: its length and what is in it; the rest are holes.
struct VolumeImage {
    var length: Int
    var parts: [(offset: Int, bytes: [UInt8])] = []

    /// Noise all over.
    static func noise(_ length: Int, seed: UInt64 = 1) -> VolumeImage {
        VolumeImage(length: length, parts: [(0, noiseBytes(length, seed: seed))])
    }

    /// A text that packs well, all over.
    static func text(_ length: Int) -> VolumeImage {
        let line = Array("All work and no play makes a volume easy to pack. ".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length + line.count)
        while bytes.count < length { bytes += line }
        return VolumeImage(length: length, parts: [(0, Array(bytes.prefix(length)))])
    }

    /// Noise, a text and a hole, a third each.
    static func mixed(_ length: Int, seed: UInt64 = 1) -> VolumeImage {
        let third = length / 3
        return VolumeImage(
            length: length,
            parts: [(0, noiseBytes(third, seed: seed)), (third, text(third).parts[0].bytes)])
    }

    func write(to path: String) throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT)
        try file.truncate(to: Int64(length))
        for part in parts { try overwrite(path, at: part.offset, with: part.bytes) }
    }
}

/// Noise that a seed repeats. Long noise repeats itself after 4 MiB.
func noiseBytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    let words = (0..<(min(count, 4 << 20) + 7) / 8).map { _ in generator.next() }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + words.count * 8)
    while bytes.count < count { words.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    bytes.removeLast(bytes.count - count)
    return bytes
}

func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
    let file = try OpenFile(path, O_WRONLY)
    try bytes.withUnsafeBytes { try file.write($0, at: Int64(offset)) }
}

func truncate(_ path: String, to length: Int) throws {
    try OpenFile(path, O_WRONLY).truncate(to: Int64(length))
}

/// Whether two files hold the same bytes.
func areIdentical(_ a: String, _ b: String) throws -> Bool {
    let a = try Data(contentsOf: URL(fileURLWithPath: a), options: .alwaysMapped)
    let b = try Data(contentsOf: URL(fileURLWithPath: b), options: .alwaysMapped)
    return a == b
}

func sha256(ofFile path: String) throws -> String {
    let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    return try data.withUnsafeBytes { try SHA256Hasher().digest(of: $0).hex }
}
