// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage
import TestSupport
import Testing

@testable import BackupEngine

/// The map of a restore against the plainest way to make one: painting each byte of the volume.
struct RestoreMapTests {
    private struct Piece: Equatable {
        let layer: Int
        let number: Int64
    }

    @Test func `any lists of objects, overlapping and in any order, give what painting bytes gives`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        let rig = try BackupChain(MemoryObjectStore())
        var uncovered = 0
        for round in 0..<UInt64(isSoak ? 100_000 : 10_000) {
            var random = SeededGenerator(seed: seed &+ round)
            let length = Int.random(in: 0...64, using: &random)
            let layers = (0..<Int.random(in: 1...4, using: &random)).map {
                Self.objects(isFull: $0 == 0, length: length, using: &random)
            }
            let expected = Self.painted(layers, length: length)
            let result = Result { try Self.map(layers, length: length, rig) }
            if let gap = expected.firstIndex(where: { $0 == nil }) {
                uncovered += 1
                guard case .failure(EngineError.uncoveredRange(offset: Int64(gap), length: _)) = result else {
                    Issue.record("CINDERBLOCK_SEED=\(seed &+ round): \(result), expected a gap at \(gap)")
                    return
                }
            } else if try result.get() != expected {
                Issue.record("CINDERBLOCK_SEED=\(seed &+ round)")
                return
            }
        }
        #expect(uncovered > 0)
    }

    private static func objects(isFull: Bool, length: Int, using random: inout SeededGenerator) -> [Range<Int>] {
        var objects: [Range<Int>] = []
        if isFull, Int.random(in: 0..<10, using: &random) > 0 {
            var position = 0
            while position < length {
                let end = min(length + 5, position + Int.random(in: 0...20, using: &random))
                objects.append(position..<end)
                position = end
            }
        }
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let start = Int.random(in: 0...70, using: &random)
            objects.append(start..<start + Int.random(in: 0...20, using: &random))
        }
        if Bool.random(using: &random) { objects.shuffle(using: &random) }
        return objects
    }

    private static func painted(_ layers: [[Range<Int>]], length: Int) -> [Piece?] {
        var bytes = [Piece?](repeating: nil, count: length)
        for (layer, objects) in layers.enumerated() {
            for (index, object) in objects.enumerated() {
                for byte in object where byte < length { bytes[byte] = Piece(layer: layer, number: Int64(index + 1)) }
            }
        }
        return bytes
    }

    private static func map(_ layers: [[Range<Int>]], length: Int, _ rig: BackupChain) throws -> [Piece?] {
        let spooled = try layers.map { try layer(of: $0, rig) }
        let map = try RestoreMap(spooled, length: Int64(length), engine: rig.engine)
        var bytes = [Piece?](repeating: nil, count: length)
        for queue in map.queues() {
            while let object = try queue.next() {
                for range in try map.ranges.read(object.firstRange..<object.firstRange + object.rangeCount) {
                    #expect(range.start >= object.object.offset && range.end <= object.object.end)
                    #expect(!range.isOverwritten || !queue.overwrites, "nothing newer would follow")
                    for byte in Int(range.start)..<Int(range.end) {
                        #expect(bytes[byte] == nil, "a byte from two objects")
                        // What is overwritten is left for the one that does it.
                        if range.isOverwritten { continue }
                        bytes[byte] = Piece(layer: object.layer, number: object.object.number)
                    }
                }
            }
            #expect(queue.isEmpty)
        }
        return bytes
    }

    private static func layer(of objects: [Range<Int>], _ rig: BackupChain) throws -> RestoreLayer {
        let spool: Spool<ObjectEntry> = rig.engine.spool()
        var runs = RunCutter()
        let md5 = try #require(MD5Digest(hex: String(repeating: "0", count: 32)))
        for (index, range) in objects.enumerated() {
            runs.add(Int64(range.lowerBound)..<Int64(range.upperBound))
            try spool.append(
                ObjectEntry(
                    number: Int64(index + 1), offset: Int64(range.lowerBound), length: Int64(range.count),
                    md5: md5, compression: .none))
        }
        return RestoreLayer(
            location: rig.newLocation(), metadata: BackupMetadata(backupID: "", volumeID: "", createdAt: ""),
            objects: spool, ownObjects: 0..<spool.count, runs: runs.finish(),
            end: Int64(objects.map(\.upperBound).max() ?? 0))
    }
}
