// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import BackupEngine

struct ExtentCuttingTests {
    @Test func `a long run of zeros is cut out, in whole units`() {
        #expect(cut(0..<100, at: [30..<55], unit: 10, blockBytes: 1) == [0..<30, 30..<50, 50..<100])
        #expect(cut(0..<100, at: [0..<55], unit: 10, blockBytes: 1) == [0..<50, 50..<100])
        // What is left over at the end goes to the data before it.
        #expect(cut(0..<100, at: [45..<100], unit: 10, blockBytes: 1) == [0..<50, 50..<100])
        #expect(
            cut(0..<100, at: [10..<20, 30..<40], unit: 10, blockBytes: 1) == [
                0..<10, 10..<20, 20..<30, 30..<40, 40..<100,
            ])
    }

    @Test func `short runs, runs elsewhere and an extent of nothing else are left as they are`() {
        #expect(cut(0..<100, at: [], unit: 10, blockBytes: 1) == [0..<100])
        #expect(cut(0..<100, at: [30..<39, 95..<100], unit: 10, blockBytes: 1) == [0..<100])
        #expect(cut(50..<60, at: [0..<40, 70..<90], unit: 10, blockBytes: 1) == [50..<60])
        #expect(cut(50..<85, at: [40..<90], unit: 10, blockBytes: 1) == [50..<85])
    }

    @Test func `pieces begin where blocks do, also when the volume ends inside one`() {
        #expect(cut(0..<97, at: [20..<97], unit: 20, blockBytes: 10) == [0..<30, 30..<97])
        #expect(cut(0..<97, at: [30..<97], unit: 20, blockBytes: 10) == [0..<30, 30..<97])
        #expect(cut(0..<97, at: [80..<97], unit: 20, blockBytes: 10) == [0..<97])
    }

    @Test func `runs that touch or overlap are cut one after the other`() {
        #expect(cut(0..<100, at: [10..<30, 30..<50], unit: 10, blockBytes: 1) == [0..<10, 10..<30, 30..<50, 50..<100])
        #expect(cut(0..<100, at: [10..<35, 20..<60], unit: 10, blockBytes: 1) == [0..<10, 10..<30, 30..<60, 60..<100])
    }

    @Test func `the pieces make up the extent, and each is zero or holds something else`() {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<10_000 {
            let isZero = (0..<60).map { _ in Int.random(in: 0..<8, using: &random) }.flatMap { kind in
                [Bool](repeating: kind < 4, count: kind % 4 + 1)
            }
            let start = Int.random(in: 0..<isZero.count, using: &random)
            let extent = start..<Int.random(in: start + 1...isZero.count, using: &random)
            let unit = Int.random(in: 1...9, using: &random)
            let pieces = cut(extent, at: Self.runs(of: isZero), unit: unit, blockBytes: 1)
            #expect(pieces.flatMap(Array.init) == Array(extent))
            for piece in pieces where pieces.count > 1 && isZero[piece].allSatisfy(\.self) {
                #expect(piece.count % unit == 0 || piece.count < unit)
            }
        }
    }

    private static func runs(of isZero: [Bool]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, isZero) in isZero.enumerated() where isZero {
            if let last = runs.last, last.upperBound == index {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }
}
