// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Foundation
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
        case 1: bytes[Int.random(in: 256..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
        default: bytes.replaceSubrange(256..<512, with: [UInt8](repeating: 0, count: 256))
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

    @Test func `goes with its backup, and with no other`() throws {
        let point = try chain.backUp(chain.path("volume"))
        engine.digestCopies?.remove(.random(), ofVolume: chain.volumeID)
        #expect(FileManager.default.fileExists(atPath: copy))
        engine.digestCopies?.remove(try #require(point.layers.last).backupID, ofVolume: chain.volumeID)
        #expect(!FileManager.default.fileExists(atPath: copy))
    }
}
