// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Posix
import SystemPackage
import TestSupport
import Testing

struct OpenFileTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    @Test func `reads are short only at the end`() throws {
        let file = try OpenFile(scratch.path("file"), O_RDWR | O_CREAT)
        try [UInt8](repeating: 7, count: 10_000).withUnsafeBytes { try file.write($0, at: 5) }
        var bytes = [UInt8](repeating: 1, count: 20_000)
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) } == 10_005)
        #expect(bytes[..<5].allSatisfy { $0 == 0 } && bytes[5..<10_005].allSatisfy { $0 == 7 })
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 10_005) } == 0)
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 1 << 60) } == 0)
    }

    @Test func `an error names the call, the file and the reason`() throws {
        let error = SystemCallError("open", scratch.path("absent"), .noSuchFileOrDirectory)
        #expect(throws: error) { try OpenFile(scratch.path("absent"), O_RDONLY) }
        #expect(error.description.hasSuffix("(errno 2)"))
        let reader = try OpenFile(scratch.path, O_RDONLY)
        #expect(throws: SystemCallError.self) { try [1].withUnsafeBytes { try reader.write($0, at: 0) } }
    }

    @Test(arguments: [(0, 65536), (1, 100), (4095, 2), (60_000, 5536), (0, 1)])
    func `a punched hole reads as zeros and nothing else changes`(_ offset: Int, length: Int) throws {
        let file = try OpenFile(scratch.path("file"), O_RDWR | O_CREAT)
        var bytes = [UInt8](repeating: 7, count: 65536)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
        guard try file.punchHole(at: Int64(offset), length: Int64(length)) else { return }
        for position in offset..<offset + length { bytes[position] = 0 }
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: file.path))) == bytes)
    }

    @Test func `every name of a directory is listed once, long and strange ones too`() throws {
        let long = String(repeating: "x", count: 255)
        var names: Set<String> = [long, "é", "\u{1f600}", " ", "-", "...", "a\nb"]
        for number in 0..<500 { names.insert("name-\(number)-" + String(repeating: "y", count: number % 200)) }
        for name in names { #expect(FileManager.default.createFile(atPath: scratch.path(name), contents: nil)) }
        let directory = try OpenFile(scratch.path, O_RDONLY | O_DIRECTORY)
        for _ in 0..<2 {  // a second listing begins at the start again
            var seen: Set<String> = []
            try directory.forEachName { #expect(seen.insert($0).inserted) }
            #expect(seen == names)
        }
        for name in names { #expect(try directory.unlink(name)) }
        #expect(try !directory.unlink("absent"))
        try directory.forEachName { Issue.record("\($0) is left") }
    }

    @Test func `what close says counts, once`() throws {
        let file = OpenFile(adopting: 1 << 20, path: "far")
        #expect(throws: SystemCallError("close", "far", .badFileDescriptor)) { try file.close() }
        try file.close()
    }

    @Test func `a closed file is not used any more, and not closed again`() throws {
        let base = try OpenFile(scratch.path, O_RDONLY)
        // A number that nobody else will get.
        let number = fcntl(base.descriptor, F_DUPFD_CLOEXEC, 900)
        #expect(number >= 900)
        do {
            let file = OpenFile(adopting: number, path: scratch.path)
            try file.close()
            #expect(fcntl(number, F_GETFD) == -1)
            #expect(throws: SystemCallError("sync", scratch.path, .badFileDescriptor)) { try file.synchronize() }
            #expect(fcntl(base.descriptor, F_DUPFD_CLOEXEC, number) == number)
        }
        #expect(fcntl(number, F_GETFD) != -1)
        close(number)
    }

    @Test func `a file system without fsync of directories, or without modes, is none to fail on`() throws {
        // Neither of them is a directory, but fsync(2) and fchmod(2) refuse them in the same way.
        let device = try OpenFile("/dev/null", O_RDONLY)
        #expect(throws: SystemCallError("sync", "/dev/null", .invalidArgument)) { try device.synchronize() }
        try device.synchronizeDirectory()
        let status = try OpenFile("/proc/self/status", O_RDONLY)
        #expect(fchmod(status.descriptor, 0o600) == -1 && errno == EPERM)
        try status.setMode(0o600)
        #expect(throws: SystemCallError.self) { try OpenFile(adopting: 1 << 20, path: "").synchronizeDirectory() }
        #expect(throws: SystemCallError.self) { try OpenFile(adopting: 1 << 20, path: "").setMode(0o600) }
    }

    @Test func `a name that is taken is not renamed over`() throws {
        let directory = try OpenFile(scratch.path, O_RDONLY | O_DIRECTORY)
        for name in ["a", "b"] { try Data(name.utf8).write(to: URL(fileURLWithPath: scratch.path(name))) }
        let error = #expect(throws: SystemCallError.self) { try directory.rename("a", toFree: "b") }
        #expect(error?.errno == .fileExists)
        try directory.rename("a", toFree: "c")
        #expect(FileManager.default.contents(atPath: scratch.path("b")) == Data("b".utf8))
        #expect(FileManager.default.contents(atPath: scratch.path("c")) == Data("a".utf8))
        #expect(try FileStatus(in: directory, "a") == nil)
        #expect(try FileStatus(in: directory, "c")?.length == 1)
    }

    @Test func `directories are removed when they are empty`() throws {
        let root = try OpenFile(scratch.path, O_RDONLY | O_DIRECTORY)
        let made = try root.directory("a", creating: 0o750)
        _ = try made.directory("b", creating: 0o750)
        #expect(try !root.removeEmptyDirectory("a"))
        #expect(try made.removeEmptyDirectory("b"))
        #expect(try made.removeEmptyDirectory("b"))
        #expect(try root.removeEmptyDirectory("a"))
        #expect(throws: SystemCallError.self) { try root.directory("a") }
    }

    @Test func `a lock is held by one at a time and goes with its owner`() throws {
        var first = try LockFile(scratch.path("lock"))
        #expect(first != nil)
        #expect(try LockFile(scratch.path("lock")) == nil)
        first = nil
        #expect(try LockFile(scratch.path("lock")) != nil)
    }
}
