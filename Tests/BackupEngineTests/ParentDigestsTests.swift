// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Synchronization
import TestSupport
import Testing

/// Increments whose parent's digests come from its sha256file.
struct ParentDigestsTests {
    private let store = MemoryObjectStore()
    private let chain: BackupChain
    private let volume: [UInt8]
    private let parent: LayerLocation
    private static let blockBytes = 512

    init() throws {
        chain = try BackupChain(store)
        var random = SeededGenerator(seed: 4)
        let volume = SeededVolume(patterns: [.noise, .text], of: 3_000_001, using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        self.volume = volume.bytes
        let point = try chain.backUp(chain.path("volume"), blockBytes: Self.blockBytes)
        parent = try #require(point.layers.last)
    }

    /// Replaces the parent's sha256file.
    private func changeList(_ change: (String) -> String) throws {
        let text = String(
            decoding: try #require(try store[parent.names.sha256file, in: parent.container]), as: UTF8.self)
        try store.put(Array(change(text).utf8), parent.names.sha256file, parent.container)
    }

    @Test func `an unchanged volume has no object, and its list is whole`() throws {
        let point = try chain.backUp(chain.path("volume"))
        #expect(point.outcome.objectCount == 0)
        #expect(point.blockBytes == Self.blockBytes)
        #expect(try chain.restore(point.layers) == volume)
    }

    @Test func `the volume is read in step with the list`() throws {
        try changeList { $0.prefix($0.count / 2) + "!" }
        let bytesDone = Mutex<Int64>(0)
        let control = JobControl(report: { progress in bytesDone.withLock { $0 = progress.bytesDone } })
        #expect(throws: EngineError.self) { try chain.backUp(chain.path("volume"), control: control) }
        #expect(bytesDone.withLock { $0 } > Int64(volume.count / 3))
    }

    @Test(arguments: ["", ", 1", "{}"])
    func `a list that is broken behind its digests is refused`(_ end: String) throws {
        try changeList { $0.prefix(while: { $0 != "]" }) + "]" + end }
        #expect(throws: EngineError.self) { try chain.backUp(chain.path("volume")) }
    }

    @Test func `the size of the blocks may stand behind the digests`() throws {
        try changeList { text in
            let member = "\"chunk_size\": \(Self.blockBytes),"
            let without = text.replacing(member, with: "")
            #expect(without != text)
            return without.prefix(while: { $0 != "]" })
                + "], \"chunk_size\": \(Self.blockBytes), \"version\": \"1.0.0\"}"
        }
        let point = try chain.backUp(chain.path("volume"))
        #expect(point.blockBytes == Self.blockBytes && point.outcome.objectCount == 0)
        #expect(try chain.restore(point.layers) == volume)
    }

    @Test(arguments: [0, 1, 2000])
    func `blocks that the list does not have are stored`(_ count: Int) throws {
        try changeList { text in
            let list = text.matches(of: /"[0-9a-f]{64}"/).prefix(count).map { String($0.output) }.joined(separator: ",")
            return "{\"chunk_size\": \(Self.blockBytes), \"sha256s\": [\(list)], \"version\": \"1.0.0\"}"
        }
        let point = try chain.backUp(chain.path("volume"))
        #expect(point.outcome.storedBytes == Int64(volume.count - count * Self.blockBytes))
        #expect(try chain.restore(point.layers) == volume)
    }
}
