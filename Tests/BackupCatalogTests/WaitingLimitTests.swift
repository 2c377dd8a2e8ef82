// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Synchronization
import TestSupport
import Testing

@testable import BackupCatalog

/// How many backups and restores may wait for their turn.
struct WaitingLimitTests {
    private let fixture: CatalogFixture
    private var catalog: BackupCatalog { fixture.catalog }
    private let full = CatalogError.tooManyJobs(limit: 3)

    init() throws { fixture = try CatalogFixture(maxWaitingJobs: 3) }

    private func addWaiting() throws -> BackupRecord {
        try catalog.createBackup(fixture.newBackup(of: fixture.addVolume().id))
    }

    @Test func `one more is refused, and leaves nothing`() throws {
        let available = try fixture.addBackup(in: .available)
        let target = try fixture.addVolume()
        for _ in 0..<3 { _ = try addWaiting() }
        let volume = try fixture.addVolume()
        let told = fixture.toldChanges.count
        #expect(throws: full) { try catalog.createBackup(fixture.newBackup(of: volume.id)) }
        #expect(throws: full) { try catalog.requestRestore(of: available.id, to: target.id) }
        #expect(throws: full) { try catalog.requestRestore(of: available.id, into: fixture.newVolume()) }
        #expect(try catalog.volume(volume.id) == volume)
        #expect(try catalog.backup(available.id).status == .available)
        #expect(try catalog.volumes().count == 6)
        #expect(fixture.toldChanges.count == told)
    }

    @Test func `a job that begins, or is cancelled, makes room`() throws {
        let waiting = try (0..<3).map { _ in try addWaiting() }
        _ = try catalog.beginJob(waiting[0].id, expecting: .creating)
        _ = try addWaiting()
        #expect(throws: full) { try addWaiting() }
        _ = try catalog.requestDeletion(waiting[1].id)
        _ = try addWaiting()
        #expect(throws: full) { try addWaiting() }
    }

    @Test func `deletions and cancels are never refused, and count for nothing`() throws {
        let available = try (0..<5).map { _ in try fixture.addBackup(in: .available) }
        let waiting = try (0..<2).map { _ in try addWaiting() }
        let restored = try fixture.addBackup(of: try fixture.addVolume().id)
        try catalog.requestRestore(of: restored.id, to: try fixture.addVolume().id)
        #expect(throws: full) { try addWaiting() }
        for backup in available + waiting { _ = try catalog.requestDeletion(backup.id) }
        #expect(try catalog.cancelRestore(restored.id).status == .available)
        for _ in 0..<3 { _ = try addWaiting() }
        #expect(throws: full) { try addWaiting() }
        #expect(try catalog.importBackup(fixture.newBackup(of: .random())).status == .available)
    }

    @Test func `requests at the same time do not pass it`() throws {
        let catalog = self.catalog
        let refused = Mutex(0)
        let records = try (0..<16).map { _ in fixture.newBackup(of: try fixture.addVolume().id) }
        let threads = Threads(records.count) { index in
            let result = Result { () throws(CatalogError) in try catalog.createBackup(records[index]) }
            if case .failure(.tooManyJobs(limit: 3)) = result { refused.withLock { $0 += 1 } }
        }
        #expect(threads.end())
        #expect(refused.withLock { $0 } == 13)
        #expect(try catalog.backupsWithJobs().count == 3)
    }

    @Test func `what waits since an earlier start stays, however many`() throws {
        let waiting = try (0..<3).map { _ in try addWaiting() }
        let reopened = try BackupCatalog(directory: fixture.crashImage(), maxWaitingJobs: 1) {
            Timestamp(microseconds: 9)
        }
        #expect(try reopened.recover().waiting.map(\.id) == waiting.map(\.id))
        let volume = fixture.newVolume()
        try reopened.insert(volume)
        #expect(throws: CatalogError.tooManyJobs(limit: 1)) {
            try reopened.createBackup(fixture.newBackup(of: volume.id))
        }
        #expect(try reopened.beginJob(waiting[0].id, expecting: .creating) != nil)
        try reopened.close()
    }

    @Test func `metadata of jobs that wait are not loaded at the start, and not lost`() throws {
        var statuses: [ResourceID: BackupStatus] = [:]
        for status in [BackupStatus.creating, .deleting, .restoring] {
            let id = try fixture.addBackup(in: status).id
            try catalog.updateBackup(id) { $0.userMetadata = ["key": "value"] }
            statuses[id] = status
            // Waiting jobs are read, begun ones written by the recovery.
            let begun = try fixture.addBackup(in: status).id
            try catalog.updateBackup(begun) { $0.userMetadata = ["key": "value"] }
            _ = try catalog.beginJob(begun, expecting: status)
            statuses[begun] = status
        }
        #expect(try catalog.backupsWithJobs().count == 6)
        #expect(try catalog.backupsWithJobs().allSatisfy { $0.userMetadata.isEmpty })
        let recovery = try catalog.recover()
        let found = recovery.waiting + recovery.interruptedBackups + recovery.interruptedRestores
        #expect(Set(found.map(\.id)) == Set(statuses.keys))
        #expect(found.allSatisfy { $0.userMetadata.isEmpty })
        for id in statuses.keys { #expect(try catalog.backup(id).userMetadata == ["key": "value"]) }
    }
}
