// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Takes in a restore to a registered volume: the backup becomes `restoring`, the volume `restoring-backup`.
    ///
    /// Throws `invalidStatus` unless the backup is `available`, `volumeBusy` unless the volume is `available` or
    /// `error_restoring`, `volumeNotFound`, `tooManyJobs`. Returns the backup as it is then.
    /// - Parameter file: which file the volume is now, where it is one.
    @discardableResult
    package func requestRestore(
        of id: ResourceID, to volumeID: ResourceID, file: String? = nil
    ) throws(CatalogError) -> BackupRecord {
        try write(making: volumeID) { tables in
            let backup = try tables.beginRestore(of: id, to: volumeID, unlessWaiting: maxWaitingJobs)
            try tables.occupy(volumeID, with: id, from: [.available, .errorRestoring], to: .restoringBackup)
            try tables.mark(volumeID, restoreFile: file)
            return backup
        }
    }

    /// Takes in a restore to a volume that is registered in the same transaction, as `restoring-backup`.
    ///
    /// Throws as above, and `volumeExists`, `sourceInUse` or `deviceInUse` when the volume is there already.
    @discardableResult
    package func requestRestore(
        of id: ResourceID, into volume: VolumeRecord
    ) throws(CatalogError) -> BackupRecord {
        try write(making: volume.id) { tables in
            let backup = try tables.beginRestore(of: id, to: volume.id, unlessWaiting: maxWaitingJobs)
            var volume = volume
            volume.status = .restoringBackup
            try tables.insert(volume)
            try tables.mark(volume.id, busyWith: id)
            return backup
        }
    }

    /// The data are on the volume and durable: backup and volume become `available`, and `apply` gives the volume
    /// the description that the backup holds.
    ///
    /// False when the restore was cancelled in the meantime: the cancellation wins, and the volume ends
    /// `error_restoring`. Nothing is left to do for the caller either way.
    package func finishRestore(
        _ id: ResourceID, apply: (inout VolumeRecord) -> Void = { _ in }
    ) throws(CatalogError) -> Bool {
        try write { tables in
            guard let backup = try tables.backup(id, if: .restoring) else { return false }
            if backup.restoreCancelled {
                try tables.endRestore(of: backup, failure: Self.cancelled, targetWritten: true)
                return false
            }
            try tables.endRestore(of: backup) { volume in
                volume = volume.described(by: apply)
                volume.markAvailable()
            }
            return true
        }
    }

    /// The restore failed or was cancelled: the backup is `available` as before, the volume `error_restoring`.
    /// `targetWritten` says whether a byte of it was changed. False when the backup is not being restored.
    @discardableResult
    package func failRestore(
        _ id: ResourceID, reason: String, targetWritten: Bool
    ) throws(CatalogError) -> Bool {
        try write { tables in
            guard let backup = try tables.backup(id, if: .restoring) else { return false }
            try tables.endRestore(of: backup, failure: reason, targetWritten: targetWritten)
            return true
        }
    }

    /// Asks the restore to stop: its job meets that at its next poll. One that still waits for its turn ends at
    /// once. Returns the backup as it is then; throws `invalidStatus` when it is not being restored.
    @discardableResult
    package func cancelRestore(_ id: ResourceID) throws(CatalogError) -> BackupRecord {
        try write { tables in
            var backup = try tables.backup(id)
            try backup.require([.restoring])
            if backup.jobBegun {
                backup.restoreCancelled = true
                try tables.save(backup)
            } else {
                try tables.endRestore(of: backup, failure: Self.cancelled, targetWritten: false)
            }
            return try tables.backup(id)
        }
    }

    private static let cancelled = "the restore was cancelled"
}

extension CatalogTables {
    fileprivate func beginRestore(
        of id: ResourceID, to volumeID: ResourceID, unlessWaiting limit: Int
    ) throws -> BackupRecord {
        var backup = try backup(id)
        try backup.require([.available])
        backup.status = .restoring
        backup.restoreVolumeID = volumeID
        backup.restoreCancelled = false
        backup.jobNumber = try nextJobNumber(unlessWaiting: limit)
        backup.jobBegun = false
        try save(backup)
        return try self.backup(id)
    }

    /// Makes the backup `available` again and its volume `error_restoring`.
    func endRestore(of backup: BackupRecord, failure reason: String, targetWritten: Bool) throws {
        try endRestore(of: backup) { $0.markRestoreFailed(reason: reason, targetWritten: targetWritten) }
    }

    fileprivate func endRestore(of backup: BackupRecord, _ change: (inout VolumeRecord) -> Void) throws {
        var backup = backup
        backup.status = .available
        backup.restoreCancelled = false
        try save(backup)
        try releaseVolume(busyWith: backup.id, change)
    }
}
