// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Testing

/// Random events against a small model: both must agree on what is refused and on every status, and what the
/// tables say must make sense all the way.
struct RandomWalkTests {
    @Test(arguments: [UInt64(2026), UInt64.random(in: .min ... .max)])
    func `a walk of 2000 events keeps volumes and backups in step`(seed: UInt64) throws {
        var walk = try RandomWalk(seed: seed)
        for step in 0..<2000 {
            let event = try walk.step()
            try #require(!event.contains("should"), "seed \(seed), step \(step): \(event)")
            // Looking at the whole tables costs more than an event does.
            guard step % 8 == 0 else { continue }
            let differences = try walk.differences()
            try #require(differences == [], "seed \(seed), step \(step): \(event)")
        }
        // The walk got about: every status was met on the way.
        #expect(walk.met == Set(BackupStatus.allCases), "seed \(seed)")
        #expect(try walk.survivesCrash(), "seed \(seed)")
    }
}
