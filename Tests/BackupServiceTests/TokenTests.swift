// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@testable import BackupService

/// Files that keep tokens, and the tokens in force.
struct TokenTests {
    private let directory: TemporaryDirectory
    private let long = String(repeating: "a", count: 32)

    init() throws { directory = try TemporaryDirectory() }

    private func put(_ text: String, _ kind: TokenKind = .full, mode: mode_t = 0o600, in place: String? = nil) throws {
        let path = (place ?? directory.path) + "/" + kind.fileName
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try #require(chmod(path, mode) == 0)
    }

    private func keeper() throws -> TokenKeeper { try TokenKeeper(state: directory.path, credentials: nil) }

    private func mode(_ name: String) throws -> mode_t {
        var status = stat()
        try #require(lstat(directory.path(name), &status) == 0)
        return status.st_mode & 0o7777
    }

    @Test func `both are made at the first start, for the owner only, and kept`() throws {
        let tokens = try keeper().tokens
        #expect(tokens.full.count == 64 && tokens.read?.count == 64)
        #expect(tokens.full != tokens.read)
        #expect(try mode("token") == 0o600 && mode("token.read") == 0o600)
        #expect(try keeper().tokens == tokens)
    }

    @Test(arguments: [mode_t(0o640), 0o604, 0o620, 0o644, 0o610, 0o777])
    func `what others may open is refused, with its mode`(_ mode: mode_t) throws {
        for kind in TokenKind.allCases {
            try put(long + kind.rawValue, kind, mode: mode)
            let path = directory.path(kind.fileName)
            #expect(throws: TokenError.notPrivate(path: path, mode: mode)) { try keeper() }
            try put(long + kind.rawValue, kind)
        }
        #expect(try keeper().tokens == Tokens(full: long + "full", read: long + "read"))
    }

    @Test func `what is short, long or no word is refused`() throws {
        let path = directory.path("token")
        try put(String(repeating: "a", count: 31) + "\n")
        #expect(throws: TokenError.tooShort(path: path, characters: 31, least: 32)) { try keeper() }
        try put(long + " " + long)
        #expect(throws: TokenError.notVisibleASCII(path: path)) { try keeper() }
        try put(String(repeating: "é", count: 40))
        #expect(throws: TokenError.notVisibleASCII(path: path)) { try keeper() }
        try put(String(repeating: "a", count: 257))
        #expect(throws: TokenError.tooLong(path: path, most: 256)) { try keeper() }
        try put("  \(long)\r\n")
        #expect(try keeper().tokens.full == long)
    }

    @Test func `two that are the same would make reading everything`() throws {
        for kind in TokenKind.allCases { try put(long, kind) }
        #expect(throws: TokenError.self) { try keeper() }
    }

    @Test func `systemd's credentials come first, whatever their mode`() throws {
        let credentials = try directory.directory("credentials")
        try put(long, mode: 0o440, in: credentials)
        try put("never read", mode: 0o666)
        let tokens = try TokenKeeper(state: directory.path, credentials: credentials).tokens
        #expect(tokens.full == long)
        #expect(tokens.read?.count == 64)
        try put("short", mode: 0o440, in: credentials)
        #expect(throws: TokenError.self) { try TokenKeeper(state: directory.path, credentials: credentials) }
    }

    @Test func `they are read again, and one that is bad changes nothing`() throws {
        let keeper = try keeper()
        let before = keeper.tokens
        var errors: [String] = []
        try put("short")
        try put(long, .read)
        keeper.reread { errors.append("\($0)") }
        #expect(errors.count == 1 && errors[0].contains("5 characters"), "\(errors)")
        #expect(keeper.tokens == Tokens(full: before.full, read: long))
        try put(long + "x", mode: 0o644)
        keeper.reread { errors.append("\($0)") }
        #expect(errors.count == 2 && errors[1].contains("mode 0644"), "\(errors)")
        #expect(keeper.tokens.full == before.full)
        try put(long)
        keeper.reread { errors.append("\($0)") }
        #expect(errors.count == 3 && errors[2].contains("is the same as"), "\(errors)")
        try put(long + "x")
        keeper.reread { Issue.record("\($0)") }
        #expect(keeper.tokens == Tokens(full: long + "x", read: long))
    }

    @Test(arguments: [(mode_t(0o600), mode_t(0o600)), (0o400, 0o400), (0o640, 0o600)])
    func `a new one keeps the mode, less what others might do`(before: mode_t, after: mode_t) throws {
        try put(long, mode: before)
        try TokenFile(in: directory.path, .full).rotate()
        #expect(try mode("token") == after)
        let token = try keeper().tokens.full
        #expect(token.count == 64 && token != long)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["token", "token.read"])
    }

    @Test(.enabled(if: isRoot, "needs root"))
    func `and the owner, or that of the directory where there was none`() throws {
        try put(long)
        try #require(chown(directory.path("token"), 4711, 4712) == 0)
        try #require(chown(directory.path, 4713, 4714) == 0)
        for kind in TokenKind.allCases { try TokenFile(in: directory.path, kind).rotate() }
        var status = stat()
        try #require(lstat(directory.path("token"), &status) == 0)
        #expect(status.st_uid == 4711 && status.st_gid == 4712)
        try #require(lstat(directory.path("token.read"), &status) == 0)
        #expect(status.st_uid == 4713 && status.st_gid == 4714)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    /// Who owns the directory must not choose what root writes to.
    @Test func `no link is followed`() throws {
        let victim = directory.path("victim")
        try "precious".write(toFile: victim, atomically: false, encoding: .utf8)
        try #require(symlink(victim, directory.path("token")) == 0)
        #expect(throws: TokenError.link(path: directory.path("token"))) {
            try TokenFile(in: directory.path, .full).rotate()
        }
        try #require(symlink(victim, directory.path("token.read.new")) == 0)
        try TokenFile(in: directory.path, .read).rotate()
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
    }
}
