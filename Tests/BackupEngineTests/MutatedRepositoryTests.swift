// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import TestSupport
import Testing

/// Metadata and sha256files that somebody has tampered with: the right bytes or an error, and nothing else.
struct MutatedRepositoryTests {
    @Test func `mutated metadata restore to the right bytes or not at all`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        let memory = MemoryObjectStore()
        let good = try BackupChain(memory)
        var random = SeededGenerator(seed: 16)
        var volume = SeededVolume(patterns: [.text, .noise, .zeros], of: 20_001, using: &random)
        for _ in 0..<2 {
            try volume.write(to: good.path("volume"), using: &random)
            try good.backUp(
                good.path("volume"), Compression(.zlib), chunkBytes: 8192, blockBytes: 1024,
                volumeMeta: { #"{"version": 2}"# })
            volume.change(.text, 3000..<9000, using: &random)
        }
        let layers = good.points[1].layers
        let bytes = try good.restore(layers)
        let texts = layers.flatMap { [($0.names.metadata, $0.container), ($0.names.sha256file, $0.container)] }
        var refused = 0
        for round in 0..<UInt64(isSoak ? 100_000 : 2000) {
            var random = SeededGenerator(seed: seed &+ round)
            let (name, container) = try #require(texts.randomElement(using: &random))
            let store = memory.copy()
            let text = try #require(try memory[name, in: container])
            try store.put(MutatedText(text, using: &random).bytes, name, container)
            let chain = try good.continued(on: store)
            let result = Result { try chain.restore(layers) }
            if case .success(let restored) = result {
                #expect(restored == bytes, "CINDERBLOCK_SEED=\(seed &+ round) \(name)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 200)
    }

    @Test func `a list that goes back and forth without end is refused`() throws {
        let memory = MemoryObjectStore()
        let chain = try BackupChain(memory)
        let location = chain.newLocation()
        let md5 = try #require(MD5Digest(hex: String(repeating: "0", count: 32)))
        for count in [1000, 20_000] {
            for number in 1...Int64(count) { try memory.put([0], location.names.data(number), location.container) }
            var text: [UInt8] = []
            try BackupMetadata(backupID: "", volumeID: "", createdAt: "").write(to: { text += $0 }) { put in
                for number in 1...Int64(count) {
                    try put(
                        StoredObject(
                            name: location.names.data(number), offset: Int64(count) - number, length: 1,
                            compression: .none, md5: md5))
                }
            }
            try memory.put(text, location.names.metadata, location.container)
            let result = Result { try chain.engine.openChain([location]) }
            if count == 1000 {
                #expect(try result.get().length == 1000)
            } else {
                #expect(throws: EngineError.self) { try result.get() }
            }
        }
    }

    @Test(arguments: [
        ("a length far beyond the object", 1 << 40, CompressionAlgorithm.zlib),
        ("a length far beyond the object", 1 << 40, .bz2), ("a length far beyond the object", 1 << 40, .zstd),
        ("a length far beyond the object", 1 << 61, .none),
        ("a bomb", 1000, .zlib), ("a bomb", 1000, .bz2), ("a bomb", 1000, .zstd), ("a bomb", 1000, .none),
    ])
    func `an object is unpacked to its length and no further`(
        _ what: String, length: Int64, algorithm: CompressionAlgorithm
    ) throws {
        let memory = MemoryObjectStore()
        let chain = try BackupChain(memory, poolBytes: 4 << 20)
        var random = SeededGenerator(seed: 17)
        try SeededVolume(patterns: [.zeros, .almostZeros], of: 8 << 20, using: &random)
            .write(to: chain.path("volume"), using: &random)
        let big = try BackupChain(memory)
        let location = try big.backUp(
            chain.path("volume"), Compression(algorithm), chunkBytes: 8 << 20, blockBytes: 32768
        ).layers[0]
        let names = location.names
        let object = StoredObject(
            name: names.data(1), offset: 0, length: length, compression: Compression(algorithm),
            md5: try #require(MD5Digest(hex: String(repeating: "0", count: 32))))
        var text: [UInt8] = []
        try BackupMetadata(backupID: "", volumeID: "", createdAt: "", sizeBytes: length).write(
            to: { text += $0 }, objects: { put in try put(object) })
        try memory.put(text, names.metadata, location.container)
        try memory.put(nil, names.sha256file, location.container)
        for number in 2...300 { try memory.put(nil, names.data(Int64(number)), location.container) }
        #expect(throws: (any Error).self, "\(what)") { try chain.restore([location]) }
        #expect(chain.engine.isIdle)
    }
}
