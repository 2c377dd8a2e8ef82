// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import Synchronization
import Testing

/// Clocks that jump, and records from elsewhen.
final class ClockTests: Sendable {
    private static let day: Int64 = 86_400_000_000
    private let directory: String
    private let ticker: Clock
    private let catalog: BackupCatalog
    private let volume: VolumeRecord

    init() throws {
        directory = NSTemporaryDirectory() + "catalog-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let clock = Clock()
        ticker = clock
        catalog = try BackupCatalog(directory: directory) { clock.now }
        volume = VolumeRecord(id: .random(), source: "/v", sizeBytes: 1, isOwned: false, createdAt: clock.now)
        try catalog.insert(volume)
    }

    deinit {
        try? catalog.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private final class Clock: Sendable {
        private let day = Mutex<Int64>(100)
        var now: Timestamp { Timestamp(microseconds: day.withLock { $0 } * ClockTests.day) }
        func set(_ day: Int64) { self.day.withLock { $0 = day } }
    }

    private func at(_ day: Int64) -> Timestamp { Timestamp(microseconds: day * Self.day) }

    /// A backup that is begun and completed on this day.
    @discardableResult
    private func make(on day: Int64, parent: ResourceID? = nil) throws -> ResourceID {
        ticker.set(day)
        let record = BackupRecord(
            id: .random(), volumeID: volume.id, parentID: parent, status: .creating, sizeGiB: 1, createdAt: ticker.now)
        try catalog.createBackup(record)
        _ = try catalog.beginJob(record.id, expecting: .creating)
        _ = try catalog.finishBackup(record.id, objectCount: 1, storedBytes: 1, sizeBytes: 1)
        return record.id
    }

    private func importBackup(of day: Int64, parent: ResourceID? = nil) throws -> ResourceID {
        let record = BackupRecord(
            id: .random(), volumeID: volume.id, parentID: parent, status: .available, sizeGiB: 1, createdAt: at(day))
        try catalog.importBackup(record)
        return record.id
    }

    private var newest: ResourceID? { get throws { try catalog.newestParent(ofVolume: volume.id)?.id } }
    private var success: VolumeSummary.Success? { get throws { try catalog.summary().volumes.first?.lastSuccess } }

    @Test func `the newest backup is the one made last, also after the clock went back`() throws {
        try make(on: 100)
        try make(on: 5000)
        let last = try make(on: 101)
        #expect(try newest == last)
        #expect(try success?.endedAt == at(101))
        let next = try make(on: 102, parent: last)
        #expect(try newest == next)
    }

    @Test func `an old record becomes no parent while there are newer ones from here`() throws {
        let here = try make(on: 100)
        ticker.set(110)
        let old = try importBackup(of: 90)
        #expect(try newest == here)
        let moved = try importBackup(of: 105)
        #expect(try newest == moved, "it was made elsewhere after the last one here")
        let child = try importBackup(of: 80, parent: moved)
        #expect(try newest == child, "what stands on the newest is newer, whatever its clock said")
        _ = try catalog.requestDeletion(child)
        try catalog.finishDeletion(child)
        for id in [moved, here] { try catalog.resetBackupStatus(id, to: .error) }
        #expect(try newest == old)
    }

    @Test func `a record from the future is as old as its import, and is no success for ever`() throws {
        let future = try importBackup(of: 50_000)
        #expect(try success?.endedAt == at(100))
        ticker.set(130)
        #expect(try success?.endedAt == at(100), "it grows older")
        let full = try make(on: 131)
        #expect(try newest == full)
        #expect(try success?.endedAt == at(131))
        ticker.set(150)
        #expect(try success?.endedAt == at(131))
        #expect(try catalog.backup(future).createdAt == at(50_000), "the record is shown as it was written")
    }

    @Test func `what was completed with the clock ahead hides nothing`() throws {
        try make(on: 100)
        try make(on: 4000)
        #expect(try success?.endedAt == at(4000), "as long as the clock says so")
        ticker.set(140)
        #expect(try success?.endedAt == at(100), "the last one whose time can be believed")
        #expect(try catalog.summary().volumes.first?.lastAttempt == at(100))
        ticker.set(4001)
        #expect(try success?.endedAt == at(4000))
    }

    @Test func `a volume whose only backup is from the future has none`() throws {
        try make(on: 4000)
        ticker.set(140)
        #expect(try success == nil)
        #expect(try catalog.summary().volumes.first?.lastAttempt == nil)
    }

    @Test func `a job during which the clock went back took no negative time`() throws {
        ticker.set(200)
        let record = BackupRecord(
            id: .random(), volumeID: volume.id, status: .creating, sizeGiB: 1, createdAt: ticker.now)
        try catalog.createBackup(record)
        _ = try catalog.beginJob(record.id, expecting: .creating)
        ticker.set(150)
        _ = try catalog.finishBackup(record.id, objectCount: 1, storedBytes: 1, sizeBytes: 1)
        let success = try #require(try success)
        #expect(success.endedAt == at(150) && success.begunAt == nil)
    }
}
