// SPDX-License-Identifier: Apache-2.0
import Codecs
import Glibc
import Posix

/// A file that keeps a token: 32 random bytes in hexadecimal, unless an operator has put something else there.
package struct TokenFile: Sendable {
    package static let fewestCharacters = 32
    private static let mostCharacters = 256

    package let path: String
    /// Whether its mode is systemd's affair, which lets the daemon alone in by other means (`LoadCredential=`).
    private let isCredential: Bool

    package init(in directory: String, _ kind: TokenKind) {
        path = directory + "/" + kind.fileName
        isCredential = false
    }

    /// nil when systemd has given the daemon no such credential.
    package init?(credential kind: TokenKind, in directory: String?) {
        guard let directory else { return nil }
        path = directory + "/" + kind.fileName
        isCredential = true
        guard access(path, F_OK) == 0 else { return nil }
    }

    /// Throws `TokenError`, `SystemCallError`. An empty file, which a crash can leave, counts as none.
    package func readOrMake() throws -> String {
        if let token = try read() { return token }
        let token = try randomHex(32)
        try write(token, mode: 0o600, owner: nil)
        return token
    }

    /// Puts a new token in the place of the old one. Owner and mode stay; what the mode lets others do goes.
    package func rotate() throws {
        var status = stat()
        let token = try randomHex(32)
        guard lstat(path, &status) == 0 else { return try write(token, mode: 0o600, owner: directoryOwner()) }
        guard status.st_mode & S_IFMT != S_IFLNK else { throw TokenError.link(path: path) }
        try write(token, mode: status.st_mode & 0o700, owner: (status.st_uid, status.st_gid))
    }

    private func read() throws -> String? {
        guard isCredential || access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path, O_RDONLY)
        try checkMode(of: file)
        var bytes = [UInt8](repeating: 0, count: Self.mostCharacters + 64)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        let blanks: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
        var token = bytes[..<count].drop(while: blanks.contains)
        while let last = token.last, blanks.contains(last) { token.removeLast() }
        if token.isEmpty, !isCredential { return nil }
        try check(token)
        return String(decoding: token, as: UTF8.self)
    }

    private func checkMode(of file: OpenFile) throws {
        var status = stat()
        try systemCall("look at", path) { fstat(file.descriptor, &status) }
        guard isCredential || status.st_mode & 0o077 == 0 else {
            throw TokenError.notPrivate(path: path, mode: status.st_mode & 0o7777)
        }
    }

    private func check(_ token: ArraySlice<UInt8>) throws(TokenError) {
        guard token.count >= Self.fewestCharacters else {
            throw .tooShort(path: path, characters: token.count, least: Self.fewestCharacters)
        }
        guard token.count <= Self.mostCharacters else { throw .tooLong(path: path, most: Self.mostCharacters) }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .notVisibleASCII(path: path) }
    }

    private func directoryOwner() throws -> (uid_t, gid_t) {
        var status = stat()
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/."
        try systemCall("look at", directory) { stat(directory, &status) }
        return (status.st_uid, status.st_gid)
    }

    /// Whole or not at all. The directory may belong to another user than the one who rotates: nothing in it is followed.
    private func write(_ token: String, mode: mode_t, owner: (uid: uid_t, gid: gid_t)?) throws {
        let temporary = path + ".new"
        _ = unlink(temporary)
        let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        if let owner {
            try systemCall("set the owner of", temporary) { fchown(file.descriptor, owner.uid, owner.gid) }
        }
        try systemCall("set the mode of", temporary) { fchmod(file.descriptor, mode) }
        try Array((token + "\n").utf8).withUnsafeBytes { try file.write($0, at: 0) }
        try file.synchronize()
        try systemCall("rename", temporary) { rename(temporary, path) }
    }
}
