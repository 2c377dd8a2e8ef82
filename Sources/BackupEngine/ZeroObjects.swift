// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Synchronization

/// A run of zeros as an object: made once per length, used as often as it occurs.
struct ZeroObject: Sendable {
    let md5: MD5Digest
    let compression: Compression
    /// What to store; nil for the zeros themselves.
    let packed: [UInt8]?

    func copy(to room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        packed.map { packed in
            packed.withUnsafeBytes { room.copyBytes(from: $0) }
            return UnsafeRawBufferPointer(rebasing: room[..<packed.count])
        }
    }
}

/// The packed forms of zeros, by length.
final class ZeroObjects: Sendable {
    private struct Key: Hashable {
        let length: Int
        let compression: Compression
    }

    private struct Unpacked {
        let stored: [UInt8]
        let md5: MD5Digest
    }

    private let objects = Mutex<[Key: ZeroObject]>([:])
    private let unpacked = Mutex<[Key: Unpacked]>([:])
    private static let entryLimit = 4096

    /// The object of `length` zeros, where it has been made.
    func object(length: Int, _ compression: Compression) -> ZeroObject? {
        objects.withLock { $0[Key(length: length, compression: compression)] }
    }

    /// Makes the object of `bytes`, which are zeros.
    ///
    /// Each object names its own algorithm, so what occurs often is packed by whatever makes it smallest: 16 MiB
    /// are 45 bytes as bz2 and 16 KiB as zlib, but that takes a tenth of a second.
    func make(
        of bytes: UnsafeRawBufferPointer, _ compression: Compression, occursOften: Bool, level: CompressionLevel,
        scratch: UnsafeMutableRawBufferPointer, _ bench: Workbench
    ) throws -> ZeroObject {
        let key = Key(length: bytes.count, compression: compression)
        let isBetterAsBz2 = occursOften && compression.algorithm != .none && compression.algorithm != .bz2
        let candidates = isBetterAsBz2 ? [compression, Compression(.bz2)] : [compression]
        let made = try pack(bytes, as: candidates, level: level, scratch: scratch, bench)
        objects.withLock { if $0.count < Self.entryLimit { $0[key] = made } }
        return made
    }

    /// Whether an object with these stored bytes has been unpacked before, and was nothing but zeros.
    func areKnown(_ stored: UnsafeRawBufferPointer, of object: StoredObject) -> Bool {
        unpacked.withLock { unpacked in
            guard let known = unpacked[Key(length: Int(object.length), compression: object.compression)],
                known.md5 == object.md5
            else { return false }
            return known.stored.elementsEqual(stored)
        }
    }

    /// Remembers stored bytes that have unpacked to zeros, with the right length and MD5.
    func remember(_ stored: UnsafeRawBufferPointer, of object: StoredObject) {
        let key = Key(length: Int(object.length), compression: object.compression)
        unpacked.withLock {
            if $0.count < Self.entryLimit { $0[key] = Unpacked(stored: Array(stored), md5: object.md5) }
        }
    }

    private func pack(
        _ bytes: UnsafeRawBufferPointer, as candidates: [Compression], level: CompressionLevel,
        scratch: UnsafeMutableRawBufferPointer, _ bench: Workbench
    ) throws -> ZeroObject {
        var best = ZeroObject(md5: md5Digest(of: bytes), compression: .none, packed: nil)
        for candidate in candidates {
            let room = min(scratch.count, (best.packed?.count ?? bytes.count) - 1)
            guard room > 0 else { break }
            let target = UnsafeMutableRawBufferPointer(rebasing: scratch[..<room])
            let compressor = try bench.compressor(candidate.algorithm, level: level)
            guard let count = try compressor.compress(bytes, into: target) else { continue }
            best = ZeroObject(md5: best.md5, compression: candidate, packed: Array(target[..<count]))
        }
        return best
    }
}
