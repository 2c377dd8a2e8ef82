// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Foundation
import Glibc
import Posix
import TestSupport
import Testing

struct DigestCopiesTests {
    private let scratch: TemporaryDirectory
    private let store = MemoryObjectStore()
    private let engine: Engine
    private let chain: BackupChain
    private let copy: String
    private var random = SeededGenerator(seed: 3)

    init() throws {
        scratch = try TemporaryDirectory()
        engine = Engine(
            store: store, pool: BufferPool(limitBytes: 64 << 20), spoolDirectory: scratch.path,
            digestCopies: DigestCopies(in: scratch.path), parallelism: 2)
        chain = try BackupChain(engine)
        copy = scratch.path(chain.volumeID.text)
        try SeededVolume(patterns: [.noise, .zeros, .text], of: 300_001, using: &random)
            .write(to: chain.path("volume"), using: &random)
    }

    private func parentDigests(of point: BackupChain.Point) throws -> [SHA256Digest] {
        let parent = try #require(point.layers.last)
        let digests = try engine.parentDigests(of: parent, volumeID: chain.volumeID, control: JobControl())
        #expect(digests.blockBytes == 4096)
        return try digests.next(.max)
    }

    /// The list in the repository, made unreadable without a change of its length: only a copy can help now.
    private func spoilList(of point: BackupChain.Point) throws {
        let parent = try #require(point.layers.last)
        let bytes = try #require(try store[parent.names.sha256file, in: parent.container])
        try store.put([UInt8](repeating: 0, count: bytes.count), parent.names.sha256file, parent.container)
    }

    @Test func `the copy holds the digests of the list`() throws {
        let point = try chain.backUp(chain.path("volume"))
        let parent = try #require(point.layers.last)
        let list = try engine.digests(of: parent.names, in: parent.container)
        try spoilList(of: point)
        #expect(try parentDigests(of: point) == list.digests.read(0..<list.digests.count))
    }

    @Test func `only the last backup of a volume has one`() throws {
        let first = try chain.backUp(chain.path("volume"))
        try chain.backUp(chain.path("volume"))
        try spoilList(of: first)
        #expect(throws: EngineError.self) { try parentDigests(of: first) }
    }

    @Test(arguments: 0..<40)
    func `a copy with a change anywhere is not used`(_ seed: Int) throws {
        let point = try chain.backUp(chain.path("volume"))
        let expected = try parentDigests(of: point)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: copy)))
        var random = SeededGenerator(seed: UInt64(seed))
        switch seed % 4 {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 1: bytes[Int.random(in: 512..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        default: bytes.replaceSubrange(512..<768, with: [UInt8](repeating: 0, count: 256))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: copy))
        #expect(try parentDigests(of: point) == expected)
        try spoilList(of: point)
        #expect(throws: EngineError.self) { try parentDigests(of: point) }
    }

    @Test func `without the list in the repository there is no increment`() throws {
        let point = try chain.backUp(chain.path("volume"))
        let parent = try #require(point.layers.last)
        try store.delete(parent.names.sha256file, from: parent.container)
        #expect(throws: (any Error).self) { try parentDigests(of: point) }
    }

    @Test func `a list of another length is another list`() throws {
        let point = try chain.backUp(chain.path("volume"))
        let parent = try #require(point.layers.last)
        try store.put([0], parent.names.sha256file, parent.container)
        #expect(throws: EngineError.self) { try parentDigests(of: point) }
    }

    /// Changes what the metadata object of the parent says.
    private func changeMetadata(of point: BackupChain.Point, _ change: (String) -> String) throws {
        let parent = try #require(point.layers.last)
        let bytes = try #require(try store[parent.names.metadata, in: parent.container])
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(change(text) != text)
        try store.put(Array(change(text).utf8), parent.names.metadata, parent.container)
    }

    @Test(arguments: ["another", "none", "unreadable", "gone"])
    func `a copy is of the list that the metadata object names`(_ kind: String) throws {
        let point = try chain.backUp(chain.path("volume"))
        let expected = try parentDigests(of: point)
        switch kind {
        case "another":
            try changeMetadata(of: point) { text in
                text.replacing(/"list_sha256": "[0-9a-f]{64}"/) { _ in
                    "\"list_sha256\": \"\(String(repeating: "0", count: 64))\""
                }
            }
        case "none": try changeMetadata(of: point) { $0.replacing("list_sha256", with: "list_sha1") }
        case "unreadable": try changeMetadata(of: point) { "x" + $0 }
        default: try store.put(nil, #require(point.layers.last).names.metadata, #require(point.layers.last).container)
        }
        #expect(try parentDigests(of: point) == expected, "from the repository")
        try spoilList(of: point)
        #expect(throws: EngineError.self) { try parentDigests(of: point) }
    }

    @Test func `the same objects under another prefix have no copy`() throws {
        let point = try chain.backUp(chain.path("volume"))
        let parent = try #require(point.layers.last)
        let other = ObjectNames(prefix: parent.names.prefix + "0")
        for (name, copied) in [(parent.names.metadata, other.metadata), (parent.names.sha256file, other.sha256file)] {
            try store.put(store[name, in: parent.container], copied, parent.container)
        }
        try spoilList(of: point)
        let length = try #require(try store[parent.names.sha256file, in: parent.container]).count
        try store.put([UInt8](repeating: 0, count: length), other.sha256file, parent.container)
        let location = LayerLocation(backupID: parent.backupID, container: parent.container, names: other)
        #expect(throws: EngineError.self) {
            try engine.parentDigests(of: location, volumeID: chain.volumeID, control: JobControl())
        }
        #expect(throws: Never.self) { try parentDigests(of: point) }
    }

    @Test(arguments: [1, 40, 73])
    func `what cannot be read of a copy is read from the repository`(_ taken: Int) throws {
        let point = try chain.backUp(chain.path("volume"))
        let parent = try #require(point.layers.last)
        let expected = try engine.digests(of: parent.names, in: parent.container).digests.read(0..<74)
        let digests = try engine.parentDigests(of: parent, volumeID: chain.volumeID, control: JobControl())
        #expect(try digests.next(taken) == Array(expected[..<taken]))
        truncate(copy, off_t(512 + taken * 32 + 16))
        #expect(try digests.next(20) == Array(expected[taken...].prefix(20)))
        #expect(try digests.next(.max) == Array(expected[taken...].dropFirst(20)))
        #expect(try digests.next(1).isEmpty)
    }

    @Test func `an increment on a copy that breaks off in the middle is right`() throws {
        let point = try chain.backUp(chain.path("volume"))
        let digests = try engine.parentDigests(
            of: #require(point.layers.last), volumeID: chain.volumeID, control: JobControl())
        truncate(copy, 512)
        let location = chain.newLocation()
        let plan = BackupPlan(
            container: location.container, names: location.names, compression: Compression(.none), chunkBytes: 65536,
            blockBytes: 4096,
            metadata: BackupMetadata(
                backupID: location.backupID.text, volumeID: chain.volumeID.text, createdAt: "None"))
        let outcome = try engine.backUp(
            VolumeReader(OpenFile(chain.path("volume"), O_RDONLY)), as: plan, since: digests, control: JobControl(),
            volumeMeta: { nil })
        #expect(outcome.objectCount == 0)
        #expect(
            try chain.restore(point.layers + [location])
                == [UInt8](Data(contentsOf: URL(fileURLWithPath: chain.path("volume")))))
    }

    @Test func `the copy before is gone when a new one cannot be made`() throws {
        try chain.backUp(chain.path("volume"))
        #expect(FileManager.default.fileExists(atPath: copy))
        _ = try scratch.directory(chain.volumeID.text + ".tmp")
        try chain.backUp(chain.path("volume"))
        #expect(!FileManager.default.fileExists(atPath: copy))
    }

    @Test func `one that no release of today can use goes with any backup of its volume`() throws {
        try chain.backUp(chain.path("volume"))
        try Data("cinderblock-digests-1 \(ResourceID.random())".utf8).write(to: URL(fileURLWithPath: copy))
        engine.digestCopies?.remove(.random(), ofVolume: chain.volumeID)
        #expect(!FileManager.default.fileExists(atPath: copy))
    }

    @Test func `goes with its backup, and with no other`() throws {
        let point = try chain.backUp(chain.path("volume"))
        engine.digestCopies?.remove(.random(), ofVolume: chain.volumeID)
        #expect(FileManager.default.fileExists(atPath: copy))
        engine.digestCopies?.remove(try #require(point.layers.last).backupID, ofVolume: chain.volumeID)
        #expect(!FileManager.default.fileExists(atPath: copy))
    }
}
