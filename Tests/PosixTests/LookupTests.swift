// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Posix
import SystemPackage
import TestSupport
import Testing

struct LookupTests {
    private let temporary: TemporaryDirectory
    private let directory: OpenFile

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try OpenFile.finding(directory: temporary.path)
    }

    @Test func `a directory is found through links, and tells where it lies`() throws {
        let real = try temporary.directory("real")
        try FileManager.default.createSymbolicLink(atPath: temporary.path("link"), withDestinationPath: real)
        #expect(try OpenFile.finding(directory: temporary.path("link")).path == directory.path + "/real")
    }

    @Test func `what was found is what is opened, whatever has its name by now`() throws {
        try Data("old".utf8).write(to: URL(fileURLWithPath: temporary.path("a")))
        let found = try directory.finding("a", followingLink: false)
        try directory.rename("a", to: "b")
        try Data("newer".utf8).write(to: URL(fileURLWithPath: temporary.path("a")))
        #expect(try FileStatus(of: found.openedForReading()).length == 3)
        let opened = try found.openedForWriting(exclusively: false)
        #expect(try FileStatus(of: opened).identity == FileStatus(of: found).identity)
    }

    @Test func `finding waits for nobody`() throws {
        #expect(mkfifo(temporary.path("fifo"), 0o600) == 0)
        #expect(try FileStatus(of: directory.finding("fifo", followingLink: false)).kind == .other)
    }

    @Test func `a link is found as itself or as what it leads to`() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: temporary.path("a")))
        try FileManager.default.createSymbolicLink(atPath: temporary.path("link"), withDestinationPath: "a")
        #expect(try FileStatus(of: directory.finding("link", followingLink: false)).kind == .link)
        #expect(try FileStatus(of: directory.finding("link", followingLink: true)).kind == .file)
    }

    @Test func `a directory whose name is no UTF-8 is an error, not another name`() throws {
        let name: [CChar] = [-1, 0]
        let path = temporary.path("").utf8CString.dropLast() + name
        #expect(mkdir(path, 0o700) == 0 && symlink(name, temporary.path("link")) == 0)
        defer { rmdir(path) }
        let error = #expect(throws: SystemCallError.self) { try OpenFile.finding(directory: temporary.path("link")) }
        #expect(error?.errno == .illegalByteSequence)
    }

    @Test func `a name that is taken is no new file`() throws {
        #expect(symlink("nowhere", temporary.path("a")) == 0)
        let error = #expect(throws: SystemCallError.self) { try directory.creatingFile("a", mode: 0o600) }
        #expect(error?.errno == .fileExists)
    }
}
