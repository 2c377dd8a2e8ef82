// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import BackupEngine

struct ChunkBudgetTests {
    @Test func `uses the memory that there is, and no more`() {
        for cores in 1...64 {
            for chunks in 0...500 {
                let budget = ChunkBudget(chunks: chunks, cores: cores)
                #expect((1...2 * cores).contains(budget.storing))
                #expect((1...4).contains(budget.batch))
                #expect((1...4 * cores).contains(budget.reading))
                let needed = budget.storing * (budget.batch + 1) + budget.reading
                #expect(needed <= max(3, chunks), "\(chunks) chunks, \(cores) cores: \(budget)")
            }
        }
    }

    @Test func `batches grow with the memory for each core`() {
        #expect(ChunkBudget(chunks: 4, cores: 2).batch == 1)
        #expect(ChunkBudget(chunks: 16, cores: 2).batch == 2)
        #expect(ChunkBudget(chunks: 16, cores: 16).batch == 1)
        #expect(ChunkBudget(chunks: 16, cores: 16).storing == 4)
        #expect(ChunkBudget(chunks: 500, cores: 16).batch == 4)
    }
}
