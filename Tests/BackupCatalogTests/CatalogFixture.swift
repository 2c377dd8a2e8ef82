// SPDX-License-Identifier: Apache-2.0

import BackupCatalog
import BackupModel
import Foundation
import Synchronization

/// A catalog in a directory of its own, with a clock that moves by a second per question.
final class CatalogFixture {
    let directory: String
    let catalog: BackupCatalog
    private let clock: Ticker
    private let commits = Commits()

    init(maxWaitingJobs: Int = .max) throws {
        directory = NSTemporaryDirectory() + "catalog-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let clock = Ticker()
        self.clock = clock
        catalog = try BackupCatalog(
            directory: directory, maxWaitingJobs: maxWaitingJobs, now: { clock.tick() }, didCommit: commits.add)
    }

    deinit {
        try? catalog.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// What each transaction was told to have changed.
    var toldChanges: [[CatalogChange]] { commits.list.withLock { $0 } }

    var path: String { directory + "/" + BackupCatalog.fileName }

    /// A registered volume of 1 MiB.
    @discardableResult
    func addVolume(_ status: VolumeStatus = .available) throws -> VolumeRecord {
        var volume = newVolume()
        volume.status = status
        try catalog.insert(volume)
        return volume
    }

    func newVolume() -> VolumeRecord {
        let id = ResourceID.random()
        return VolumeRecord(
            id: id, source: "/volumes/\(id)", sizeBytes: 1 << 20, isOwned: false, createdAt: clock.tick())
    }

    /// A registered device.
    func addDevice(_ number: UInt64, _ identity: DeviceIdentity?) throws -> ResourceID {
        var volume = newVolume()
        volume.device = number
        volume.identity = identity
        return try catalog.register(volume).id
    }

    func newBackup(of volumeID: ResourceID, parent: ResourceID? = nil) -> BackupRecord {
        var record = BackupRecord(
            id: .random(), volumeID: volumeID, parentID: parent, status: .creating, sizeGiB: 1, createdAt: clock.tick())
        record.compression = "zlib"
        return record
    }

    /// A complete backup of the volume.
    @discardableResult
    func addBackup(of volumeID: ResourceID, parent: ResourceID? = nil) throws -> BackupRecord {
        let record = try catalog.createBackup(newBackup(of: volumeID, parent: parent))
        _ = try catalog.beginJob(record.id, expecting: .creating)
        _ = try catalog.finishBackup(record.id, objectCount: 1, storedBytes: 10, sizeBytes: 1 << 20)
        return try catalog.backup(record.id)
    }

    /// A backup in the given status, got there by the events that lead to it, and its volume, on which a restore
    /// runs where one does.
    func addBackup(in status: BackupStatus) throws -> BackupRecord {
        let volume = try addVolume()
        if status == .creating {
            return try catalog.createBackup(newBackup(of: volume.id))
        }
        let id = try addBackup(of: volume.id).id
        switch status {
        case .available, .creating: break
        case .error: try catalog.resetBackupStatus(id, to: .error)
        case .restoring: try catalog.requestRestore(of: id, to: volume.id)
        case .deleting: _ = try catalog.requestDeletion(id)
        case .deleted:
            _ = try catalog.requestDeletion(id)
            try catalog.finishDeletion(id)
        case .errorDeleting:
            _ = try catalog.requestDeletion(id)
            try catalog.failDeletion(id, reason: "no permission")
        }
        return try catalog.backup(id, includingDeleted: true)
    }

    /// What a crash would leave: the files as they are now, while the database is open, in another directory.
    func crashImage() throws -> String {
        let copy = directory + "/crash-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(
                atPath: path + suffix, toPath: copy + "/" + BackupCatalog.fileName + suffix)
        }
        return copy
    }
}

private final class Commits: Sendable {
    let list = Mutex<[[CatalogChange]]>([])

    func add(_ changes: [CatalogChange]) { list.withLock { $0.append(changes) } }
}

/// A clock that moves by a second whenever it is asked.
private final class Ticker: Sendable {
    private let seconds = Mutex<Int64>(1_000_000)

    func tick() -> Timestamp {
        seconds.withLock { seconds in
            seconds += 1
            return Timestamp(microseconds: seconds * 1_000_000)
        }
    }
}
