// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

@testable import BackupService

struct JobEndsTests {
    @Test func `ends are counted, and nothing else`() throws {
        let ends = JobEnds()
        let volume = try id(volumeID)
        let events: [BackupEvents.Kind] = [
            .createStart, .createProgress, .createEnd, .createError, .createError, .restoreStart, .restoreProgress,
            .restoreEnd, .restoreError, .deleteStart, .deleteEnd, .deleteError,
        ]
        for event in events { ends.count(event, volume) }
        let counts = ends.read(forgettingAllBut: [volume])
        #expect(counts.ends[.backup] == [.success: 1, .failure: 2])
        #expect(counts.ends[.restore] == [.success: 1, .failure: 1])
        #expect(counts.ends[.deletion] == [.success: 1, .failure: 1])
        #expect(counts.failedBackups == [volume: 2])
    }

    @Test func `volumes that are not registered are forgotten`() throws {
        let ends = JobEnds()
        let volume = try id(volumeID)
        ends.count(.createError, volume)
        #expect(ends.read(forgettingAllBut: []).failedBackups == [:])
        #expect(ends.read(forgettingAllBut: [volume]).failedBackups == [:])
    }

    @Test func `every registered volume has a number, so that its first failure is seen to rise`() throws {
        let volume = try id(volumeID)
        let families = JobEnds().read(forgettingAllBut: [volume]).families([volume])
        #expect(families[0].samples.map(\.value) == [0])
        #expect(families[1].samples.count == 6)
    }
}
