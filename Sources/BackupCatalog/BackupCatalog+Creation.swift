// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Takes in a new backup: `creating`, its job at the end of the queue, its volume `backing-up`.
    ///
    /// From here on the parent cannot be deleted. Throws `backupExists`, `volumeNotFound`, `volumeBusy` unless the
    /// volume is `available`, `parentUnavailable` unless the parent is a backup of the same volume and `available`
    /// or `restoring`, `prefixInUse` when a place is given that another backup has, `tooManyJobs`.
    @discardableResult
    package func createBackup(_ record: BackupRecord) throws(CatalogError) -> BackupRecord {
        try write(making: record.id) { tables in
            guard try tables.row(ofBackup: record.id) == nil else { throw CatalogError.backupExists(record.id) }
            try tables.requireParent(of: record)
            if let container = record.container, let prefix = record.prefix {
                try tables.refuseTaken(container: container, prefix: prefix, for: record.id)
            }
            try tables.occupy(record.volumeID, with: record.id, from: [.available], to: .backingUp)
            var backup = record
            backup.status = .creating
            backup.jobNumber = try tables.nextJobNumber(unlessWaiting: maxWaitingJobs)
            backup.jobBegun = false
            try tables.insert(backup)
            try tables.markMade(backup)
            return backup
        }
    }

    /// The backup on which the next increment of the volume is made: the one that was made last, among those that are
    /// `available` or being restored. nil when there is none.
    package func newestParent(ofVolume volumeID: ResourceID) throws(CatalogError) -> BackupRecord? {
        try read { tables in
            let newest = """
                volume_id = ? AND status IN ('available', 'restoring')
                ORDER BY made DESC LIMIT 1
                """
            return try tables.backups(where: newest, [volumeID]).first
        }
    }

    /// Records where the backup's objects go, before the first is written. False when the backup is no longer
    /// `creating`. Throws `prefixInUse` when another backup, not deleted, has that place.
    package func setLocation(
        _ id: ResourceID, container: String, prefix: String
    ) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .creating) else { return false }
            try tables.refuseTaken(container: container, prefix: prefix, for: id)
            backup.container = container
            backup.prefix = prefix
            try tables.save(backup)
            return true
        }
    }

    /// Takes the parent away from a backup that turned out to be a full one; `remark` says why. False when it is
    /// no longer `creating`.
    package func turnIntoFull(_ id: ResourceID, remark: String) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .creating) else { return false }
            backup.parentID = nil
            backup.remark = remark
            try tables.save(backup)
            return true
        }
    }

    /// The backup is complete and durable: `creating` becomes `available`, and so does its volume.
    /// False when it is no longer `creating`: a deletion won, and the job must remove what it has written.
    package func finishBackup(
        _ id: ResourceID, objectCount: Int, storedBytes: Int64?, sizeBytes: Int64
    ) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .creating) else { return false }
            backup.status = .available
            backup.mayHoldMetadata = true
            backup.objectCount = objectCount
            backup.storedBytes = storedBytes
            backup.sizeBytes = sizeBytes
            backup.sizeGiB = gibibytes(sizeBytes)
            try tables.save(backup)
            try tables.markEnded(id)
            try tables.releaseVolume(busyWith: id) { $0.markAvailable() }
            return true
        }
    }

    /// The backup failed: `creating` becomes `error`, its volume `available`.
    /// False when it is no longer `creating`: a deletion won.
    /// - Parameter mayHoldMetadata: whether its metadata object may be in the repository.
    package func failBackup(
        _ id: ResourceID, reason: String, mayHoldMetadata: Bool = false
    ) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .creating) else { return false }
            backup.status = .error
            backup.failReason = reason
            backup.mayHoldMetadata = mayHoldMetadata
            try tables.save(backup)
            try tables.markEnded(id)
            try tables.releaseVolume(busyWith: id) { $0.markAvailable() }
            return true
        }
    }
}

extension CatalogTables {
    fileprivate func requireParent(of record: BackupRecord) throws {
        guard let parentID = record.parentID else { return }
        let parent = try row(ofBackup: parentID)
        guard let parent, parent.volumeID == record.volumeID else {
            throw CatalogError.parentUnavailable(parentID, status: nil)
        }
        guard parent.status == .available || parent.status == .restoring else {
            throw CatalogError.parentUnavailable(parentID, status: parent.status)
        }
    }
}
