// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import TestSupport
import Testing

/// Stored bytes rot, get lost and change places: no restore passes them on as right.
struct DamageTests {
    private let memory = MemoryObjectStore()
    private let chain: BackupChain
    private let bytes: [UInt8]

    init() throws {
        chain = try BackupChain(memory)
        var random = SeededGenerator(seed: 12)
        var volume = SeededVolume(patterns: [.noise, .text, .repeats], of: 60_000, using: &random)
        for algorithm in CompressionAlgorithm.allCases {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"), Compression(algorithm), chunkBytes: 16384)
            if algorithm != CompressionAlgorithm.allCases.last {
                volume.change(.text, 10_000..<45_000, using: &random)
            }
        }
        bytes = volume.bytes
    }

    private var layers: [LayerLocation] { chain.points.last?.layers ?? [] }

    private func objects() throws -> [(name: String, container: String)] {
        try layers.flatMap { layer in try memory.names(in: layer.container).map { ($0, layer.container) } }
    }

    @Test func `when an object is damaged, the restore does not go on to the end`() throws {
        let chain = try BackupChain(memory, parallelism: 2)
        var random = SeededGenerator(seed: 14)
        try SeededVolume(patterns: [.noise], of: 8 << 20, using: &random).write(
            to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), chunkBytes: 4096)
        let names = try #require(point.layers.last?.names)
        let store = FaultyObjectStore(memory, damage: [names.data(1): { $0[0] ^= 1 }])
        let damaged = try chain.continued(on: store)
        #expect(throws: EngineError.self) { try damaged.restore(point.layers) }
        #expect(damaged.engine.isIdle)
        #expect(store.operations.count { $0 == .open } < 2048)
    }

    /// The restore fails, or gives the right bytes all the same (what is damaged may not be needed).
    private func check(_ store: any ObjectStore, _ what: String) throws -> Bool {
        let damaged = try chain.continued(on: store)
        let result = Result { try damaged.restore(layers) }
        #expect(damaged.engine.isIdle)
        guard case .success(let restored) = result else { return true }
        #expect(restored == bytes, "\(what) went unnoticed")
        return false
    }

    @Test func `a flipped bit is found wherever it is`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        var noticed = 0
        for (name, _) in try objects() {
            for _ in 0..<(isSoak ? 100 : 3) {
                let position = UInt64.random(in: 0 ... .max, using: &random)
                let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                let store = FaultyObjectStore(
                    memory, damage: [name: { $0[Int(position % UInt64($0.count))] ^= bit }])
                noticed += try check(store, "\(name): bit \(bit) of byte \(position)") ? 1 : 0
            }
        }
        #expect(noticed > 10)
    }

    @Test func `an object that was cut short or grew is found`() throws {
        var random = SeededGenerator(seed: 13)
        for (name, _) in try objects() {
            let keep = Double.random(in: 0..<1, using: &random)
            let cuts: [(String, @Sendable (inout [UInt8]) -> Void)] = [
                ("nothing left", { $0 = [] }), ("a byte less", { $0.removeLast() }),
                ("a part", { $0.removeLast($0.count - Int(Double($0.count) * keep)) }),
                ("a byte more", { $0.append(0x5a) }), ("zeros more", { $0 += [UInt8](repeating: 0, count: 5000) }),
                ("twice", { $0 += $0 }), ("all zeros", { $0 = [UInt8](repeating: 0, count: $0.count) }),
            ]
            for (what, cut) in cuts {
                _ = try check(FaultyObjectStore(memory, damage: [name: cut]), "\(name): \(what)")
            }
        }
    }

    @Test func `objects that changed places are found`() throws {
        let all = try objects()
        for (index, first) in all.enumerated() {
            for second in all[(index + 1)...] {
                guard let a = try memory[first.name, in: first.container],
                    let b = try memory[second.name, in: second.container]
                else { continue }
                let store = FaultyObjectStore(memory, damage: [first.name: { $0 = b }, second.name: { $0 = a }])
                _ = try check(store, "\(first.name) and \(second.name)")
            }
        }
    }

    @Test func `a lost object is found before anything is written`() throws {
        for (name, container) in try objects() where !name.hasSuffix("sha256file") {
            let store = memory.copy()
            try store.put(nil, name, container)
            let damaged = try chain.continued(on: store)
            #expect(throws: (any Error).self, "\(name)") { try damaged.engine.openChain(layers) }
        }
    }

    @Test func `a lost sha256file is no reason to refuse, but said`() throws {
        let newest = try #require(layers.last)
        try memory.put(nil, newest.names.sha256file, newest.container)
        #expect(try chain.engine.openChain(layers).warning?.contains(newest.names.sha256file) == true)
        #expect(try chain.restore(layers) == bytes)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `without a sha256file the MD5 still finds damage`(_ algorithm: CompressionAlgorithm) throws {
        let newest = try #require(layers.last)
        try memory.put(nil, newest.names.sha256file, newest.container)
        var random = SeededGenerator(seed: 14)
        for (name, _) in try objects() {
            let position = Int.random(in: 0..<10_000, using: &random)
            _ = try check(FaultyObjectStore(memory, damage: [name: { $0[position % $0.count] ^= 0x10 }]), name)
        }
    }
}
