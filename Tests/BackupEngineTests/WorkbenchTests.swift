// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import TestSupport
import Testing

struct WorkbenchTests {
    @Test(arguments: CompressionAlgorithm.allCases)
    func `a restore that fails half-way spoils nothing that comes after it`(_ algorithm: CompressionAlgorithm) throws {
        var random = SeededGenerator(seed: 1)
        let volume = SeededVolume(patterns: [.noise, .text], of: 3 << 20, using: &random)
        let store = MemoryObjectStore()
        let chain = try BackupChain(store, parallelism: 4)
        try volume.write(to: chain.path("volume"), using: &random)
        let first = try chain.backUp(chain.path("volume"), Compression(algorithm), chunkBytes: 2 << 20)
        let location = first.layers[0]
        let name = location.names.data(1)
        let object = try #require(try store[name, in: location.container])
        try store.put(Array(object.prefix(object.count * 3 / 4)), name, location.container)
        #expect(throws: (any Error).self) { try chain.restore(first.layers) }

        let second = try chain.backUp(
            chain.path("volume"), Compression(algorithm), chunkBytes: 2 << 20, isFull: true)
        #expect(try chain.restore(second.layers) == volume.bytes)
    }
}
