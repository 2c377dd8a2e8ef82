// SPDX-License-Identifier: Apache-2.0
import Foundation
import ObjectStorage
import TestSupport
import Testing

/// What every store must do, whatever it keeps its objects in.
struct ObjectStoreTests {
    enum Kind: CaseIterable { case memory, directory, untrustedDirectory }

    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func store(_ kind: Kind) throws -> any ObjectStore {
        switch kind {
        case .memory: MemoryObjectStore()
        case .directory: try PosixObjectStore(path: scratch.path) { _ in .together }
        case .untrustedDirectory: try PosixObjectStore(path: scratch.path) { _ in .oneByOne }
        }
    }

    @Test(arguments: Kind.allCases)
    func `gives back what was put`(_ kind: Kind) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("a/b", writer: "w")
        for byteCount in [0, 1, 4096, 100_000] {
            let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let names = (
                put: "put-\(byteCount)", streamed: "streamed-\(byteCount)", durable: "durable-\(byteCount)",
                zeros: "zeros-\(byteCount)"
            )
            func inPieces(_ put: (UnsafeRawBufferPointer) throws -> Void) throws {
                for start in stride(from: 0, to: byteCount, by: 777) {
                    try bytes[start..<min(start + 777, byteCount)].withUnsafeBytes(put)
                }
            }
            try bytes.withUnsafeBytes { try writer.put(names.put, $0) }
            #expect(try read(names.put, in: "a/b", of: store) == bytes)
            let stream = try writer.beginStream(names.streamed)
            try inPieces(stream.append)
            try stream.finish()
            try writer.putDurably(names.durable, inPieces)
            for name in [names.streamed, names.durable] { #expect(try read(name, in: "a/b", of: store) == bytes) }
            try writer.putZeros(names.zeros, length: Int64(byteCount))
            #expect(try read(names.zeros, in: "a/b", of: store) == [UInt8](repeating: 0, count: byteCount))
        }
        try writer.makeDurable()
    }

    @Test(arguments: Kind.allCases)
    func `reads in pieces of any size, short only at the end`(_ kind: Kind) throws {
        let store = try store(kind)
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try bytes.withUnsafeBytes { try store.openForWriting("c", writer: "w").put("object", $0) }
        for pieceBytes in [1, 999, 10_000, 10_001] {
            let reader = try store.open("object", in: "c")
            #expect(reader.length == 10_000)
            var all: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: pieceBytes)
            while true {
                let count = try piece.withUnsafeMutableBytes { try reader.read(into: $0) }
                all += piece[..<count]
                if count < pieceBytes { break }
            }
            #expect(all == bytes)
            #expect(try piece.withUnsafeMutableBytes { try reader.read(into: $0) } == 0)
        }
    }

    @Test(arguments: Kind.allCases)
    func `lists names by prefix, byte by byte`(_ kind: Kind) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("c", writer: "w")
        let names = ["p-00001", "p-00002", "p_metadata", "p", "q-p-00001", "P-00001", "pe\u{301}", "pe"]
        for name in names { try writer.putZeros(name, length: 1) }
        for prefix in ["", "p", "p-", "p-00001", "q", "z", "pe", "p\u{e9}", "pe\u{301}"] {
            let expected = names.filter { $0.utf8.starts(with: prefix.utf8) }
            #expect(try list("c", prefix, of: store) == Set(expected.map { Array($0.utf8) }), "prefix \(prefix)")
        }
        #expect(try list("absent", "", of: store).isEmpty)
        #expect(try list("absent/c", "", of: store).isEmpty)
    }

    @Test(arguments: Kind.allCases)
    func `an error in the middle of a listing comes through`(_ kind: Kind) throws {
        let store = try store(kind)
        try store.openForWriting("c", writer: "w").putZeros("a", length: 1)
        #expect(throws: StorageFault()) {
            try store.forEachName(in: "c", beginningWith: "") { _ in throw StorageFault() }
        }
    }

    @Test(arguments: Kind.allCases)
    func `what is put durably appears when it is whole, and nothing is left of what failed`(_ kind: Kind) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("c", writer: "w")
        try writer.putZeros("old", length: 3)
        for name in ["new", "old"] {
            #expect(throws: StorageFault()) {
                try writer.putDurably(name) { put in
                    try [UInt8](repeating: 1, count: 100_000).withUnsafeBytes { try put($0) }
                    let visible = try list("c", "new", of: store)
                    #expect(visible.isEmpty)
                    throw StorageFault()
                }
            }
        }
        #expect(try list("c", "", of: store) == [Array("old".utf8)])
        #expect(try read("old", in: "c", of: store) == [0, 0, 0])
    }

    @Test(arguments: Kind.allCases)
    func `a name that is taken is refused, and what has it stays`(_ kind: Kind) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("c", writer: "w")
        try writer.putZeros("old", length: 3)
        let taken = StorageError.nameTaken(name: "old", container: "c")
        for byteCount in [1, 1 << 20] {
            let bytes = [UInt8](repeating: 1, count: byteCount)
            #expect(throws: taken) { try bytes.withUnsafeBytes { try writer.put("old", $0) } }
        }
        #expect(throws: taken) { try writer.putZeros("old", length: 1) }
        #expect(throws: taken) { try writer.beginStream("old") }
        #expect(throws: taken) { try writer.putDurably("old") { _ in } }
        #expect(try list("c", "", of: store) == [Array("old".utf8)])
        #expect(try read("old", in: "c", of: store) == [0, 0, 0])
    }

    @Test(arguments: Kind.allCases)
    func `a writer sees what is in its container, and removes from it`(_ kind: Kind) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("a/c", writer: "w")
        try writer.putZeros("p-00001", length: 70_000)
        try [UInt8](repeating: 1, count: 800_000).withUnsafeBytes { try writer.put("p-00002", $0) }
        try store.openForWriting("a/c", writer: "other").putZeros("q", length: 0)
        var seen: Set<String> = []
        try writer.forEachName(beginningWith: "p-") { seen.insert($0) }
        #expect(seen == ["p-00001", "p-00002"])
        #expect(try writer.storedLength(of: "p-00001") == 70_000)
        #expect(try writer.storedLength(of: "p-00002") == 800_000)
        #expect(try writer.storedLength(of: "q") == 0)
        #expect(try writer.storedLength(of: "p") == nil)
        for name in ["p-00001", "p-00001", "absent"] { try writer.remove(name) }
        try writer.synchronizeRemovals()
        #expect(try list("a/c", "", of: store) == [Array("p-00002".utf8), Array("q".utf8)])
    }

    @Test(arguments: Kind.allCases)
    func `one object is made durable where it is, and is an error where it is not`(_ kind: Kind) throws {
        let store = try store(kind)
        try store.openForWriting("a/c", writer: "w").putZeros("x", length: 1)
        try store.synchronize("x", in: "a/c")
        for (name, container) in [("y", "a/c"), ("x", "a"), ("x", "b/c")] {
            #expect(throws: StorageError.objectNotFound(name: name, container: container)) {
                try store.synchronize(name, in: container)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `deletes what is there and forgives what is not`(_ kind: Kind) throws {
        let store = try store(kind)
        try store.openForWriting("c", writer: "w").putZeros("a", length: 1)
        for _ in 0..<2 { try store.delete("a", from: "c") }
        try store.delete("a", from: "absent/container")
        try store.synchronize("c")
        try store.synchronize("absent")
        try store.deleteLeftovers(of: "w", in: "absent")
        try store.removeIfEmpty("absent")
        #expect(throws: StorageError.objectNotFound(name: "a", container: "c")) { try store.open("a", in: "c") }
        #expect(throws: StorageError.objectNotFound(name: "a", container: "absent")) {
            try store.open("a", in: "absent")
        }
    }

    @Test(
        arguments: Kind.allCases,
        [
            "", "/", "/etc", "..", ".", "../x", "a/../b", "a/..", "a/./b", "a//b", "a/", "a\u{0}b", "\u{0}",
            String(repeating: "x", count: 256), String(repeating: "x/", count: 600) + "x",
        ])
    func `refuses containers that could lead elsewhere`(_ kind: Kind, _ container: String) throws {
        let store = try store(kind)
        #expect(throws: StorageError.self) { try store.openForWriting(container, writer: "w") }
        #expect(throws: StorageError.self) { try store.open("a", in: container) }
        #expect(throws: StorageError.self) { try store.forEachName(in: container, beginningWith: "") { _ in } }
        #expect(throws: StorageError.self) { try store.delete("a", from: container) }
        #expect(throws: StorageError.self) { try store.deleteLeftovers(of: "w", in: container) }
        #expect(throws: StorageError.self) { try store.removeIfEmpty(container) }
        #expect(throws: StorageError.self) { try store.synchronize(container) }
        #expect(throws: StorageError.self) { try store.synchronize("a", in: container) }
    }

    @Test(
        arguments: Kind.allCases,
        ["", ".", "..", "a/b", "/a", "../a", "a\u{0}b", String(repeating: "x", count: 256)])
    func `refuses object names that could lead elsewhere`(_ kind: Kind, _ name: String) throws {
        let store = try store(kind)
        let writer = try store.openForWriting("c", writer: "w")
        #expect(throws: StorageError.self) { try writer.putZeros(name, length: 1) }
        #expect(throws: StorageError.self) { try [1].withUnsafeBytes { try writer.put(name, $0) } }
        #expect(throws: StorageError.self) { try writer.beginStream(name) }
        #expect(throws: StorageError.self) { try writer.putDurably(name) { _ in } }
        #expect(throws: StorageError.self) { try writer.remove(name) }
        #expect(throws: StorageError.self) { try store.synchronize(name, in: "c") }
        #expect(throws: StorageError.self) { try store.open(name, in: "c") }
        #expect(throws: StorageError.self) { try store.delete(name, from: "c") }
        #expect(throws: StorageError.self) { try store.openForWriting("c", writer: name) }
        #expect(try list("c", "", of: store).isEmpty)
    }

    @Test(arguments: Kind.allCases)
    func `a container with objects is not removed`(_ kind: Kind) throws {
        let store = try store(kind)
        try store.openForWriting("a/b/c", writer: "w").putZeros("x", length: 1)
        try store.removeIfEmpty("a/b/c")
        #expect(try list("a/b/c", "", of: store) == [Array("x".utf8)])
    }

    private func read(_ name: String, in container: String, of store: any ObjectStore) throws -> [UInt8] {
        let reader = try store.open(name, in: container)
        var bytes = [UInt8](repeating: 0xee, count: Int(reader.length))
        let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
        #expect(count == bytes.count)
        return bytes
    }

    private func list(_ container: String, _ prefix: String, of store: any ObjectStore) throws -> Set<[UInt8]> {
        var names: Set<[UInt8]> = []
        try store.forEachName(in: container, beginningWith: prefix) { name in
            #expect(names.insert(Array(name.utf8)).inserted)
        }
        return names
    }
}
