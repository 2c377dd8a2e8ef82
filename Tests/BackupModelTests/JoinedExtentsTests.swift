// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct JoinedExtentsTests {
    @Test func `the shortest gaps go first`() {
        let extents = [0..<1, 2..<3, 10..<11, 13..<20]
        #expect(joinedExtents(extents, atMost: 4) == extents)
        #expect(joinedExtents(extents, atMost: 3) == [0..<3, 10..<11, 13..<20])
        #expect(joinedExtents(extents, atMost: 2) == [0..<3, 10..<20])
        #expect(joinedExtents(extents, atMost: 1) == [0..<20])
    }

    @Test(arguments: [0, -1, 1])
    func `one is always left`(_ limit: Int) {
        #expect(joinedExtents([3..<4, 6..<7], atMost: limit) == [3..<7])
        #expect(joinedExtents([], atMost: limit) == [])
    }

    @Test func `every block stays covered, once, and no more gaps are closed than must be`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            var extents: [Range<Int>] = []
            var position = 0
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let start = position + Int.random(in: 1...9, using: &random)
                position = start + Int.random(in: 1...9, using: &random)
                extents.append(start..<position)
            }
            let limit = Int.random(in: 1...40, using: &random)
            let joined = joinedExtents(extents, atMost: limit)
            #expect(joined.count == min(limit, extents.count))
            #expect(extents.allSatisfy { extent in joined.contains { $0.clamped(to: extent) == extent } })
            #expect(zip(joined, joined.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect(joined.first?.lowerBound == extents.first?.lowerBound)
            #expect(joined.last?.upperBound == extents.last?.upperBound)
        }
    }
}
