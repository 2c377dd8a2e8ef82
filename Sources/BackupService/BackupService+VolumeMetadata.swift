// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// The metadata of a volume by themselves.
extension BackupService {
    func volumeMetadata(_ id: ResourceID) throws -> [String: String] { try catalog.volume(id).userMetadata }

    func addVolumeMetadata(_ id: ResourceID, _ members: [String: String]) throws -> [String: String] {
        try changeMetadata(of: id) { $0.merge(members) { $1 } }
    }

    func replaceVolumeMetadata(_ id: ResourceID, _ members: [String: String]) throws -> [String: String] {
        try changeMetadata(of: id) { $0 = members }
    }

    /// Throws `noSuchMetadata`.
    func removeVolumeMetadata(_ id: ResourceID, _ key: String) throws {
        guard try volumeMetadata(id)[key] != nil else { throw ServiceError.noSuchMetadata(volumeID: id, key: key) }
        _ = try changeMetadata(of: id) { $0[key] = nil }
    }

    private func changeMetadata(
        of id: ResourceID, _ change: (inout [String: String]) -> Void
    ) throws -> [String: String] {
        try updateVolume(id) { change(&$0.userMetadata) }.userMetadata
    }

    /// Changes what describes a volume.
    /// - Throws: `volumeMetaTooLong` where its backups would have no room for that.
    func updateVolume(_ id: ResourceID, _ change: (inout VolumeRecord) -> Void) throws -> VolumeRecord {
        var changed = try catalog.volume(id)
        change(&changed)
        _ = try VolumeMeta.boundedText(describing: changed)
        return try catalog.updateVolume(id, change)
    }
}

extension VolumeMeta {
    /// What a backup of `volume` says of it.
    /// - Throws: `ServiceError.volumeMetaTooLong` where that would be more than a restore reads.
    static func boundedText(describing volume: VolumeRecord) throws -> String {
        let text = text(describing: volume)
        guard text.utf8.count <= BackupMetadata.volumeMetaLimit else {
            throw ServiceError.volumeMetaTooLong(
                volume.id, bytes: text.utf8.count, limit: BackupMetadata.volumeMetaLimit)
        }
        return text
    }
}
