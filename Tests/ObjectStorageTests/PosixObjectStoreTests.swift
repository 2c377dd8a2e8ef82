// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Glibc
import ObjectStorage
import Posix
import Synchronization
import TestSupport
import Testing

/// What only a repository in a directory must do.
@Suite(.serialized)
struct PosixObjectStoreTests {
    private let scratch: TemporaryDirectory
    private let store: PosixObjectStore

    init() throws {
        scratch = try TemporaryDirectory()
        store = try PosixObjectStore(path: scratch.path)
    }

    private func mode(_ name: String) throws -> UInt32 {
        var status = stat()
        try systemCall("stat", name) { stat(scratch.path(name), &status) }
        return status.st_mode & 0o7777
    }

    @Test(arguments: [0o000, 0o022, 0o077])
    func `directories are 0770 and files 0660 whatever the umask`(_ mask: UInt32) throws {
        let before = umask(mask)
        defer { umask(before) }
        let writer = try store.openForWriting("a/b/c", writer: "w")
        try writer.putZeros("zeros", length: 1)
        try [1].withUnsafeBytes { try writer.put("put", $0) }
        try writer.putDurably("streamed") { put in
            try [1].withUnsafeBytes { try put($0) }
            for name in try tree(scratch.path) where name.contains(".tmp-") { #expect(try mode(name) == 0o660) }
        }
        for name in ["a", "a/b", "a/b/c"] { #expect(try mode(name) == 0o770) }
        try writer.beginStream("begun").append(UnsafeRawBufferPointer(start: nil, count: 0))
        for name in ["zeros", "put", "streamed", "begun"] { #expect(try mode("a/b/c/" + name) == 0o660) }
    }

    @Test func `directories that were there keep their mode`() throws {
        _ = try scratch.directory("a")
        chmod(scratch.path("a"), 0o700)
        _ = try store.openForWriting("a/b", writer: "w")
        #expect(try mode("a") == 0o700)
    }

    @Test func `a temporary name carries its writer and begins with no prefix`() throws {
        let writer = try store.openForWriting("c", writer: "the-writer")
        try writer.putDurably("volume_x_metadata") { _ in
            let names = try tree(scratch.path("c"))
            #expect(names.count == 1)
            #expect(names.allSatisfy { $0.hasPrefix(".tmp-the-writer-") })
        }
    }

    @Test func `leftovers go with their writer only`() throws {
        _ = try store.openForWriting("c", writer: "one")
        for name in [".tmp-one-x-00001", ".tmp-one-", ".tmp-two-x-00001", "tmp-one-x", "x-00001"] {
            try Data().write(to: URL(fileURLWithPath: scratch.path("c/" + name)))
        }
        try store.deleteLeftovers(of: "one", in: "c")
        #expect(try tree(scratch.path("c")) == [".tmp-two-x-00001", "tmp-one-x", "x-00001"])
    }

    @Test func `a link in a container's path is refused`() throws {
        let outside = try TemporaryDirectory()
        _ = try outside.directory("inner")
        try Data([1]).write(to: URL(fileURLWithPath: outside.path("inner/object")))
        _ = try scratch.directory("a")
        for link in ["link", "a/link"] { symlink(outside.path, scratch.path(link)) }
        for container in ["link", "link/inner", "a/link", "a/link/inner"] {
            #expect(throws: (any Error).self) { try store.openForWriting(container, writer: "w") }
            #expect(throws: (any Error).self) { try store.open("object", in: container) }
            #expect(throws: (any Error).self) { try store.forEachName(in: container, beginningWith: "") { _ in } }
            #expect(throws: (any Error).self) { try store.delete("object", from: container) }
            #expect(throws: (any Error).self) { try store.deleteLeftovers(of: "w", in: container) }
        }
        #expect(try tree(outside.path) == ["inner", "inner/object"])
    }

    @Test(arguments: ["fifo", "link", "dangling link", "directory", "link to a device"])
    func `what is no plain file is refused at once`(_ kind: String) throws {
        _ = try store.openForWriting("c", writer: "w")
        let path = scratch.path("c/object")
        switch kind {
        case "fifo": mkfifo(path, 0o600)
        case "link":
            try Data([1]).write(to: URL(fileURLWithPath: scratch.path("target")))
            symlink(scratch.path("target"), path)
        case "dangling link": symlink(scratch.path("nowhere"), path)
        case "directory": _ = try scratch.directory("c/object")
        default: symlink("/dev/zero", path)
        }
        #expect(throws: StorageError.notAFile(name: "object", container: "c")) { try store.open("object", in: "c") }
    }

    @Test func `a link is never followed to write`() throws {
        let writer = try store.openForWriting("c", writer: "w")
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: scratch.path("target")))
        for name in ["object", ".tmp-w-metadata"] { symlink(scratch.path("target"), scratch.path("c/" + name)) }
        let taken = StorageError.nameTaken(name: "object", container: "c")
        #expect(throws: taken) { try writer.putZeros("object", length: 9) }
        #expect(throws: taken) { try writer.beginStream("object") }
        #expect(throws: taken) { try writer.putDurably("object") { _ in } }
        #expect(throws: StorageError.nameTaken(name: ".tmp-w-metadata", container: "c")) {
            try writer.putDurably("metadata") { _ in }
        }
        #expect(throws: StorageError.notAFile(name: "object", container: "c")) {
            try writer.storedLength(of: "object")
        }
        #expect(try tree(scratch.path("c")) == [".tmp-w-metadata", "object"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path("target"))) == Data([1, 2, 3]))
    }

    @Test func `a writer stays in the directory that it has opened`() throws {
        let writer = try store.openForWriting("c", writer: "w")
        try writer.putZeros("x", length: 1)
        rename(scratch.path("c"), scratch.path("moved"))
        _ = try scratch.directory("c")
        try Data([1, 2]).write(to: URL(fileURLWithPath: scratch.path("c/x")))
        try writer.putZeros("y", length: 1)
        #expect(try writer.storedLength(of: "x") == 1)
        try writer.remove("x")
        #expect(try tree(scratch.path) == ["c", "c/x", "moved", "moved/y"])
    }

    @Test func `a name that is not there to be renamed is an error, and nothing is left`() throws {
        let writer = try store.openForWriting("c", writer: "w")
        let error = #expect(throws: SystemCallError.self) {
            try writer.putDurably("x") { _ in unlink(scratch.path("c/.tmp-w-x")) }
        }
        #expect(error?.call == "rename")
        #expect(try tree(scratch.path("c")).isEmpty)
    }

    @Test func `what may have been renamed, and cannot be undone, is in doubt`() throws {
        let writer = try store.openForWriting("c", writer: "w")
        let error = #expect(throws: StorageError.self) {
            try writer.putDurably("x") { _ in
                // Neither can it be renamed nor removed.
                unlink(scratch.path("c/.tmp-w-x"))
                _ = try scratch.directory("c/.tmp-w-x")
                try Data([7]).write(to: URL(fileURLWithPath: scratch.path("c/x")))
            }
        }
        guard case .mayBeStored("x", "c", _) = error else { throw try #require(error) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path("c/x"))) == Data([7]))
    }

    @Test func `empty directories go up to the first that is not empty`() throws {
        _ = try store.openForWriting("a/b/c", writer: "w")
        _ = try store.openForWriting("a/d", writer: "w")
        try store.removeIfEmpty("a/b/c")
        #expect(try tree(scratch.path) == ["a", "a/d"])
        try store.removeIfEmpty("a/d")
        #expect(try tree(scratch.path).isEmpty)
    }

    @Test func `removing goes on where it was interrupted`() throws {
        for made in ["a/b/c", "a/b", "a"] {
            _ = try store.openForWriting(made, writer: "w")
            try store.removeIfEmpty("a/b/c")
            #expect(try tree(scratch.path).isEmpty, "\(made)")
        }
    }

    @Test func `a container can be made while its neighbours are removed`() throws {
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for _ in 0..<(isSoak ? 20_000 : 500) {
                do {
                    try store.openForWriting("a/b/\(thread)", writer: "w").putZeros("x", length: 1)
                    try store.delete("x", from: "a/b/\(thread)")
                    try store.removeIfEmpty("a/b/\(thread)")
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try tree(scratch.path).isEmpty)
    }

    @Test func `a repository that is not there is an error`() {
        #expect(throws: SystemCallError.self) { try PosixObjectStore(path: scratch.path("absent")) }
    }
}
