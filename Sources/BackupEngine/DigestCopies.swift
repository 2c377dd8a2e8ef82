// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Glibc
import Posix

/// The digests of the last backup of each volume, in a file of their own: an increment on that backup need not
/// read them from the sha256file, which is more than twice as long and JSON.
///
/// A copy is a convenience. One that is missing, torn by a power cut, rotten, or of another backup is not used;
/// whatever goes wrong in making one leaves none. Nothing but the repository is needed to go on.
package struct DigestCopies: Sendable {
    private let directory: String

    /// `directory` exists and is the daemon's own.
    package init(in directory: String) { self.directory = directory }

    /// What a copy must be of to be used.
    struct Key: Equatable, Sendable {
        var backupID: String
        var volumeID: String
        var prefix: String
        /// Bytes of the sha256file in the repository: another length would be another file.
        var listBytes: Int64
        /// SHA-256 of these bytes, as the metadata object names it.
        var listDigest: SHA256Digest
    }

    /// Replaces the copy of the volume. Whatever goes wrong, the one before is gone.
    func keep(_ digests: DigestFile, for key: Key) {
        guard let path = path(key.volumeID) else { return }
        let temporary = path + ".tmp"
        unlink(path)
        do {
            let file = try OpenFile(temporary, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW)
            var position = Header.byteCount
            let checksum = try digests.digests.checksum { piece in
                try file.write(piece, at: Int64(position))
                position += piece.count
            }
            let header = Header(key: key, digests, checksum: checksum)
            try header.bytes.withUnsafeBytes { try file.write($0, at: 0) }
            try file.close()
            try systemCall("rename", temporary) { rename(temporary, path) }
        } catch {
            unlink(temporary)
        }
    }

    /// The copy, read once from front to back to see that nothing has happened to it.
    func find(_ key: Key) -> DigestFile? {
        guard let path = path(key.volumeID), let file = try? OpenFile(path, O_RDONLY | O_NOFOLLOW),
            let header = try? Header(of: file), header.key == key
        else { return nil }
        let digests = Spool<SHA256Digest>(adopting: file, from: Header.byteCount, count: header.count)
        guard (try? digests.checksum { _ in }) == header.checksum else { return nil }
        return DigestFile(blockBytes: header.blockBytes, digests: digests)
    }

    /// Forgets the copy when it is of this backup, or of no use to any.
    package func remove(_ backupID: ResourceID, ofVolume volumeID: ResourceID) {
        guard let path = path(volumeID.text), let file = try? OpenFile(path, O_RDONLY | O_NOFOLLOW) else { return }
        if let header = try? Header(of: file), header.key.backupID != backupID.text { return }
        unlink(path)
    }

    private func path(_ volumeID: String) -> String? {
        ResourceID(volumeID).map { "\(directory)/\($0.text)" }
    }
}

/// The first 512 bytes of a copy: a line of text, so that `head -1` says what it is.
private struct Header {
    static let byteCount = 512
    private static let mark = "cinderblock-digests-2"

    let key: DigestCopies.Key
    let blockBytes: Int
    let count: Int
    let checksum: SHA256Digest

    init(key: DigestCopies.Key, _ digests: DigestFile, checksum: SHA256Digest) {
        self.key = key
        blockBytes = digests.blockBytes
        count = digests.digests.count
        self.checksum = checksum
    }

    /// nil for anything that is not a whole copy.
    init?(of file: OpenFile) throws {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        guard try bytes.withUnsafeMutableBytes({ try file.read(into: $0, at: 0) }) == Self.byteCount else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 9, words[0] == Self.mark, let listBytes = Int64(words[4]),
            let listDigest = SHA256Digest(hex: words[5]), let blockBytes = Int(words[6]), let count = Int(words[7]),
            let checksum = SHA256Digest(hex: words[8]), blockBytes > 0,
            try 0...FileStatus(of: file).length / Int64(SHA256Digest.byteCount) ~= Int64(count)
        else { return nil }
        key = DigestCopies.Key(
            backupID: words[1], volumeID: words[2], prefix: words[3], listBytes: listBytes, listDigest: listDigest)
        self.blockBytes = blockBytes
        self.count = count
        self.checksum = checksum
    }

    var bytes: [UInt8] {
        let words = [
            Self.mark, key.backupID, key.volumeID, key.prefix, "\(key.listBytes)", key.listDigest.hex,
            "\(blockBytes)", "\(count)", checksum.hex,
        ]
        let line = Array(words.joined(separator: " ").utf8)
        let space = [UInt8](repeating: UInt8(ascii: " "), count: max(0, Self.byteCount - 1 - line.count))
        return line + space + [UInt8(ascii: "\n")]
    }
}

extension Spool<SHA256Digest> {
    /// SHA-256 of the SHA-256 of the pieces, each of which is shown to `body`.
    fileprivate func checksum(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> SHA256Digest {
        let hasher = try SHA256Hasher()
        var digests: [SHA256Digest] = []
        let pieceElements = 1 << 15
        for start in stride(from: 0, to: count, by: pieceElements) {
            let piece = try read(start..<min(start + pieceElements, count))
            try piece.withUnsafeBytes { bytes in
                digests.append(hasher.digest(of: bytes))
                try body(bytes)
            }
        }
        return digests.withUnsafeBytes { hasher.digest(of: $0) }
    }
}
