// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Foundation
import TestSupport
import Testing

/// Whatever the volume, the algorithm, the sizes and the history: every backup restores to what the volume was.
struct RestorePropertyTests {
    private static let chunkSizes = [
        (65536, 4096), (32768, 32768), (49152, 4096), (3000, 1000), (70000, 7000), (513, 513),
    ]

    @Test func `every point of every chain restores to the volume at that point`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        for round in 0..<UInt64(isSoak ? 2000 : 60) {
            var random = SeededGenerator(seed: seed &+ round)
            do {
                try checkOneHistory(using: &random, "CINDERBLOCK_SEED=\(seed &+ round)")
            } catch {
                Issue.record(error, "CINDERBLOCK_SEED=\(seed &+ round)")
                return
            }
        }
    }

    private func checkOneHistory(using random: inout SeededGenerator, _ name: String) throws {
        let (chunkBytes, blockBytes) = try #require(Self.chunkSizes.randomElement(using: &random))
        let algorithm = try #require(CompressionAlgorithm.allCases.randomElement(using: &random))
        let chain = try BackupChain(
            MemoryObjectStore(), poolBytes: [2 << 20, 8 << 20, 64 << 20].randomElement(using: &random) ?? 0,
            parallelism: Int.random(in: 2...4, using: &random))
        var volume = SeededVolume(
            about: blockBytes < 2000 ? 40_000 : 400_000, chunkBytes: chunkBytes, blockBytes: blockBytes,
            using: &random)
        var history: [SeededVolume] = []
        for point in 0..<Int.random(in: 1...(isSoak ? 20 : 8), using: &random) {
            let isShorter = point > 0 && volume.bytes.count < history[point - 1].bytes.count
            let path = chain.path("volume")
            try volume.write(to: path, using: &random)
            try chain.backUp(
                path, Compression(algorithm), chunkBytes: chunkBytes, blockBytes: blockBytes,
                isFull: isShorter || Int.random(in: 0..<20, using: &random) == 0)
            history.append(volume)
            volume.mutate(using: &random)
        }
        for (point, volume) in zip(chain.points, history) {
            let new = try chain.restore(point.layers)
            #expect(new == volume.bytes, "\(name), to a new volume")
            let excess = Int.random(in: 0...5000, using: &random)
            let dirty = try chain.restore(point.layers, to: .dirty, length: volume.bytes.count + excess)
            #expect(
                dirty == volume.bytes + [UInt8](repeating: 0xa5, count: excess), "\(name), to a dirty volume")
        }
    }
}
