// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import Logging

extension BackupService {
    package func registerVolume(_ request: ManageRequest) throws -> VolumeDescription {
        let source = try volumes.resolve(source: request.source)
        var volume = VolumeRecord(
            id: request.id ?? .random(), source: source.path, sizeBytes: source.sizeBytes, isOwned: false,
            createdAt: context.now())
        volume.device = source.device
        volume.identity = source.identity
        volume.take(request.traits)
        _ = try VolumeMeta.boundedText(describing: volume)
        let registered = try context.volumes.registering {
            try refuseTwin(of: source, volume.id)
            return try catalog.register(volume) { $0.take(request.traits) }
        }
        return describe(registered)
    }

    /// Throws `CatalogError.sourceInUse` when another volume is the same file under another name.
    private func refuseTwin(of source: ResolvedSource, _ id: ResourceID) throws {
        let others = try catalog.volumes().filter { $0.id != id }
        let (twin, silent) = context.volumes.twin(of: source, among: others)
        for path in silent {
            context.logger.warning(
                "A registered file does not answer, and may be the one that is being registered",
                metadata: ["registered": "\(path)", "source": "\(source.path)"])
        }
        if let twin { throw CatalogError.sourceInUse(path: source.path, by: twin.id) }
    }

    /// Makes an empty volume, or one out of a backup: of exactly its length when the size is the backup's.
    package func createVolume(_ request: VolumeRequest) throws -> VolumeDescription {
        let wanted = Int64(request.sizeGiB) << 30
        guard let backupID = request.backupID else {
            let volume = newVolume(request.traits, sizeBytes: wanted)
            _ = try VolumeMeta.boundedText(describing: volume)
            try catalog.insert(volume)
            do {
                try volumes.createFile(of: volume)
            } catch {
                try catalog.withdraw(volume.id)
                throw error
            }
            return describe(volume)
        }
        let backup = try catalog.backup(backupID)
        guard request.sizeGiB >= backup.sizeGiB else {
            throw ServiceError.sizeTooSmall(gibibytes: request.sizeGiB, needed: backup.sizeGiB)
        }
        _ = try context.locations(ofChain: backupID)
        let sizeBytes = request.sizeGiB == backup.sizeGiB ? backup.sizeBytes ?? 0 : wanted
        let answer = try restore(backup, into: newVolume(request.traits, sizeBytes: sizeBytes))
        return try volume(answer.volumeID)
    }

    /// Makes the file of a volume of ours where there is none.
    func makeMissingFile(of id: ResourceID) throws { try volumes.makeMissingFile(of: catalog.volume(id)) }

    /// A row for a file of ours that does not exist yet.
    func newVolume(_ traits: VolumeTraits, sizeBytes: Int64) -> VolumeRecord {
        let id = ResourceID.random()
        var volume = VolumeRecord(
            id: id, source: context.volumes.path(ofNewFile: id), sizeBytes: sizeBytes, isOwned: true,
            createdAt: context.now())
        volume.take(traits)
        return volume
    }

    package func volume(_ id: ResourceID) throws -> VolumeDescription { describe(try catalog.volume(id)) }

    package func volumes(_ query: VolumeQuery) throws -> [VolumeDescription] {
        let records = try catalog.volumes(query)
        return zip(records, volumes.glances(at: records)).map { describe($0, $1) }
    }

    package func volumeCount(_ query: VolumeQuery) throws -> Int { try catalog.volumeCount(query) }

    package func changeVolume(_ id: ResourceID, _ change: DescriptionChange) throws -> VolumeDescription {
        _ = try updateVolume(id) { volume in
            volume.name = change.name ?? volume.name
            volume.details = change.details ?? volume.details
            volume.userMetadata = change.userMetadata ?? volume.userMetadata
        }
        return try volume(id)
    }

    /// Removes a volume and its file. One that was registered keeps its data: they are not ours to delete.
    package func deleteVolume(_ id: ResourceID) throws {
        let volume = try catalog.volume(id)
        guard volume.isOwned else { throw ServiceError.notOwned(id) }
        if case .inUse(let reason) = try volumes.look(at: volume).usage {
            throw ServiceError.volumeInUse(id, reason: reason)
        }
        guard volume.status != .backingUp, volume.status != .restoringBackup else {
            throw CatalogError.volumeBusy(id, status: volume.status)
        }
        // The file first: a row without a file can be deleted again, a file without a row by nobody.
        try volumes.removeFile(of: volume)
        _ = try catalog.removeVolume(id)
        context.logger.notice("Volume deleted", metadata: ["volume_id": "\(id)"])
    }

    /// Forgets a registered volume; its data stay.
    package func forgetVolume(_ id: ResourceID) throws {
        guard try !catalog.volume(id).isOwned else { throw ServiceError.owned(id) }
        _ = try catalog.removeVolume(id)
    }

    package func resetVolume(_ id: ResourceID) throws { try catalog.resetVolumeStatus(id) }

    private func describe(_ record: VolumeRecord) -> VolumeDescription {
        describe(record, volumes.glance(at: record))
    }

    /// A volume that does not answer is shown as the catalog knows it.
    private func describe(_ record: VolumeRecord, _ look: VolumeLook?) -> VolumeDescription {
        var record = record
        if record.status != .restoringBackup, let bytes = try? look?.size.get() { record.sizeBytes = bytes }
        guard record.status == .available, case .inUse? = look?.usage else {
            return VolumeDescription(record: record, status: record.status)
        }
        return VolumeDescription(record: record, status: .inUse)
    }
}

extension VolumeRecord {
    /// What is not said stays as it is.
    fileprivate mutating func take(_ traits: VolumeTraits) {
        name = traits.name ?? name
        details = traits.details ?? details
        userMetadata = traits.userMetadata.isEmpty ? userMetadata : traits.userMetadata
        host = traits.host ?? host
        volumeType = traits.volumeType ?? volumeType
        availabilityZone = traits.availabilityZone ?? availabilityZone
    }
}
