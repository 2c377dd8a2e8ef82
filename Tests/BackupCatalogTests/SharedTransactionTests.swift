// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import Synchronization
import TestSupport
import Testing

/// The catalog under many threads.
struct SharedTransactionTests {
    private let fixture: CatalogFixture
    private let volumes: [VolumeRecord]

    init() throws {
        let fixture = try CatalogFixture()
        self.fixture = fixture
        volumes = try (0..<24).map { _ in try fixture.addVolume() }
    }

    /// Runs `body` in a thread per volume and returns what they threw.
    private func together(
        _ body: @escaping @Sendable (BackupCatalog, VolumeRecord) throws -> Void
    ) throws -> [any Error] {
        let errors = Mutex<[any Error]>([])
        let (catalog, volumes) = (fixture.catalog, self.volumes)
        let threads = Threads(volumes.count) { index in
            do { try body(catalog, volumes[index]) } catch { errors.withLock { $0.append(error) } }
        }
        try #require(threads.end())
        return errors.withLock { $0 }
    }

    private static func backup(of volume: VolumeRecord) -> BackupRecord {
        BackupRecord(
            id: .random(), volumeID: volume.id, status: .creating, sizeGiB: 1, createdAt: Timestamp(microseconds: 1))
    }

    @Test func `what one method did is told together, and what was there before comes before`() throws {
        let told = fixture.toldChanges.count
        let errors = try together { catalog, volume in
            let id = try catalog.createBackup(Self.backup(of: volume)).id
            _ = try catalog.beginJob(id, expecting: .creating)
            _ = try catalog.finishBackup(id, objectCount: 1, storedBytes: 1, sizeBytes: 1)
        }
        #expect(errors.isEmpty)
        let changes = fixture.toldChanges.dropFirst(told)
        #expect(changes.count == 3 * volumes.count)
        for volume in volumes {
            let own = changes.filter { $0.contains { $0.volumeID == volume.id } }
            #expect(own.map(\.count) == [2, 1, 2])
            #expect(own.allSatisfy { $0.allSatisfy { $0.volumeID == volume.id } })
            #expect(own.compactMap { $0.lazy.compactMap(\.backupStatus).last } == [.creating, .creating, .available])
        }
    }

    @Test func `what was answered is on the disk at that moment`() throws {
        let images = Mutex<[(id: ResourceID, directory: String)]>([])
        let (path, directory) = (fixture.path, fixture.directory)
        let errors = try together { catalog, volume in
            let id = try catalog.createBackup(Self.backup(of: volume)).id
            let image = directory + "/image-\(id)"
            try FileManager.default.createDirectory(atPath: image, withIntermediateDirectories: true)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: path + suffix, toPath: image + "/" + BackupCatalog.fileName + suffix)
            }
            images.withLock { $0.append((id, image)) }
        }
        #expect(errors.isEmpty)
        for (id, image) in images.withLock({ $0 }) {
            let reopened = try BackupCatalog(directory: image) { Timestamp(microseconds: 9) }
            let backup = try reopened.backup(id)
            #expect(backup.status == .creating)
            #expect(try reopened.volume(backup.volumeID).status == .backingUp)
            try reopened.close()
        }
    }

    @Test func `a refusal leaves its neighbours alone, and no receipt`() throws {
        for volume in volumes.prefix(8) { _ = try fixture.catalog.createBackup(Self.backup(of: volume)) }
        let errors = try together { catalog, volume in
            let receipt = Receipt(key: volume.id.text, request: "r")
            _ = try catalog.leaving(receipt).createBackup(Self.backup(of: volume))
        }
        #expect(errors.count == 8)
        for (index, volume) in volumes.enumerated() {
            let done = try fixture.catalog.done(Receipt(key: volume.id.text, request: "r"))
            #expect((done == nil) == (index < 8))
            #expect(try fixture.catalog.volume(volume.id).status == .backingUp)
        }
        #expect(try fixture.catalog.backupsWithJobs().count == volumes.count)
        #expect(Set(try fixture.catalog.backupsWithJobs().map(\.jobNumber)).count == volumes.count)
    }
}

extension CatalogChange {
    fileprivate var volumeID: ResourceID {
        switch self {
        case .backup(let backup, _): backup.volumeID
        case .volume(let volume, _), .volumeRemoved(let volume): volume.id
        }
    }

    fileprivate var backupStatus: BackupStatus? {
        guard case .backup(let backup, _) = self else { return nil }
        return backup.status
    }
}
