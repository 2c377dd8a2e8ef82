// SPDX-License-Identifier: Apache-2.0
import Codecs
import Glibc
import Posix

/// The token that clients on TCP show: 32 random bytes in hexadecimal, made at the first start and kept,
/// readable by the owner only.
package struct TokenFile: Sendable {
    package let token: String

    package init(path: String) throws {
        if let token = try Self.read(path) {
            self.token = token
        } else {
            token = try randomHex(32)
            try Self.write(token, path)
        }
    }

    /// nil when there is none, or one that a crash left empty.
    private static func read(_ path: String) throws -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        let file = try OpenFile(path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        let token = String(decoding: bytes[..<count], as: UTF8.self).filter { !$0.isWhitespace }
        return token.isEmpty ? nil : token
    }

    private static func write(_ token: String, _ path: String) throws {
        let temporary = path + ".new"
        let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try systemCall("set the mode of", temporary) { fchmod(file.descriptor, 0o600) }
        try Array((token + "\n").utf8).withUnsafeBytes { try file.write($0, at: 0) }
        try file.synchronize()
        try systemCall("rename", temporary) { rename(temporary, path) }
    }
}
