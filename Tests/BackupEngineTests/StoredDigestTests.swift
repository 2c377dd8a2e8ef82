// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Codecs
import TestSupport
import Testing

/// Backups as Cinder made them until Liberty: the MD5 of an object is that of its stored bytes.
struct StoredDigestTests {
    private let store = MemoryObjectStore()
    private let chain: BackupChain

    init() throws { chain = try BackupChain(store) }

    /// A full backup and an increment; answers what the volume holds then.
    private func makeChain(_ algorithm: CompressionAlgorithm) throws -> [UInt8] {
        var random = SeededGenerator(seed: 31)
        var volume = SeededVolume(patterns: [.text, .noise, .zeros, .repeats], of: 200_000, using: &random)
        for _ in 0..<2 {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"), Compression(algorithm))
            volume.change(.text, 30_000..<90_000, using: &random)
        }
        return try chain.restore(layers)
    }

    private var layers: [LayerLocation] { chain.points.last?.layers ?? [] }

    /// Writes the metadata again, with the digests of what is stored.
    private func takeDigestsOfStoredBytes(of location: LayerLocation) throws {
        var objects: [StoredObject] = []
        let metadata = try chain.engine.readMetadata(location) { object in
            var object = object
            let stored = try #require(try store[object.name, in: location.container])
            object.md5 = stored.withUnsafeBytes { md5Digest(of: $0) }
            objects.append(object)
        }
        var text: [UInt8] = []
        try metadata.write(to: { text += $0 }) { put in for object in objects { try put(object) } }
        try store.put(text, location.names.metadata, location.container)
    }

    @Test(arguments: CompressionAlgorithm.allCases, [true, false])
    func `either digest is accepted`(_ algorithm: CompressionAlgorithm, hasList: Bool) throws {
        let bytes = try makeChain(algorithm)
        for location in layers {
            try takeDigestsOfStoredBytes(of: location)
            if !hasList { try store.put(nil, location.names.sha256file, location.container) }
        }
        #expect(try chain.restore(layers) == bytes)
        #expect(try chain.restore(layers, to: .dirty, length: bytes.count) == bytes)
    }

    @Test func `a chain may have both kinds`() throws {
        let bytes = try makeChain(.zlib)
        try takeDigestsOfStoredBytes(of: layers[0])
        #expect(try chain.restore(layers) == bytes)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `what fits neither is damaged`(_ algorithm: CompressionAlgorithm) throws {
        let bytes = try makeChain(algorithm)
        for location in layers {
            try takeDigestsOfStoredBytes(of: location)
            try store.put(nil, location.names.sha256file, location.container)
        }
        let container = layers[0].container
        for name in try store.names(in: container) where !name.hasSuffix("_metadata") {
            let length = try #require(try store[name, in: container]).count
            for position in [0, length / 2, length - 1] {
                let damaged = try chain.continued(
                    on: FaultyObjectStore(store, damage: [name: { $0[position] ^= 4 }]))
                // What is damaged may be in nothing that is needed.
                if let restored = try? damaged.restore(layers) { #expect(restored == bytes, "\(name) \(position)") }
            }
        }
        let first = layers[0].names.data(1)
        let damaged = try chain.continued(on: FaultyObjectStore(store, damage: [first: { $0[$0.count / 2] ^= 4 }]))
        #expect(throws: (any Error).self) { try damaged.restore([layers[0]]) }
    }

    @Test func `an object with the usual digest is read once`() throws {
        let bytes = try makeChain(.zlib)
        let counting = FaultyObjectStore(store)
        #expect(try chain.continued(on: counting).restore([layers[0]]).count == bytes.count)
        let usual = counting.operations.count { $0 == .open }
        try takeDigestsOfStoredBytes(of: layers[0])
        let again = FaultyObjectStore(store)
        _ = try chain.continued(on: again).restore([layers[0]])
        #expect(again.operations.count { $0 == .open } > usual)
        let objects = try store.names(in: layers[0].container).count
        #expect(usual <= objects + 1)
    }
}
