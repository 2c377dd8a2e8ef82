// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel

extension BackupService {
    /// Takes in a restore: when this returns, the backup is `restoring` and the volume `restoring-backup`.
    package func restoreBackup(_ id: ResourceID, _ request: RestoreRequest) throws -> RestoreAnswer {
        let backup = try catalog.backup(id)
        guard backup.status == .available else {
            throw CatalogError.invalidStatus(id, found: backup.status, expected: [.available])
        }
        _ = try context.locations(ofChain: id)
        if let volumeID = request.volumeID { return try restore(backup, to: volumeID) }
        var traits = VolumeTraits()
        traits.name = request.name ?? "restore_backup_\(id)"
        if request.name == nil { traits.details = "auto-created_from_restore_from_backup" }
        return try restore(backup, into: newVolume(traits, sizeBytes: backup.sizeBytes ?? 0))
    }

    private func restore(_ backup: BackupRecord, to volumeID: ResourceID) throws -> RestoreAnswer {
        let volume = try context.located(volumeID, by: volumes.locate)
        let look = try volumes.look(at: volume)
        if case .inUse(let reason) = look.usage { throw ServiceError.volumeInUse(volume.id, reason: reason) }
        let file = try volumes.checkTarget(volume)
        if let needed = backup.sizeBytes, let bytes = try lengthToFit(in: volume, look), bytes < needed {
            throw ServiceError.volumeTooSmall(volumeID: volume.id, bytes: bytes, needed: needed)
        }
        submit(try catalog.requestRestore(of: backup.id, to: volumeID, file: file))
        return answer(backup, volume)
    }

    /// nil for a file of ours that nothing has been written to, or that was never made: it becomes as long as it
    /// needs to be.
    private func lengthToFit(in volume: VolumeRecord, _ look: VolumeLook) throws -> Int64? {
        guard volume.isOwned else { return try look.size.get() }
        let bytes = (try? look.size.get()) ?? 0
        return bytes == 0 ? nil : bytes
    }

    func restore(_ backup: BackupRecord, into volume: VolumeRecord) throws -> RestoreAnswer {
        submit(try catalog.requestRestore(of: backup.id, into: volume))
        return answer(backup, volume)
    }

    /// The answer to a restore that was taken in already.
    func restoreAnswer(of id: ResourceID, to volumeID: ResourceID) throws -> RestoreAnswer {
        answer(try catalog.backup(id), try catalog.volume(volumeID))
    }

    private func answer(_ backup: BackupRecord, _ volume: VolumeRecord) -> RestoreAnswer {
        RestoreAnswer(
            backupID: backup.id, volumeID: volume.id, volumeName: volume.name, warning: warning(about: backup))
    }

    /// The restore is taken in by now, so what does not answer is no reason to refuse it.
    private func warning(about backup: BackupRecord) -> String? {
        guard let location = context.location(of: backup) else { return nil }
        do {
            return try patience.share("the repository (backup \(backup.id))", within: .seconds(1)) { [context] in
                context.engine.warningBeforeRestore(of: location)
            }
        } catch {
            return "\(error): the restore begins when it does"
        }
    }
}
