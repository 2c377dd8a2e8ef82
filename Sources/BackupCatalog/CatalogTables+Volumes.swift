// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension CatalogTables {
    /// The volume. Throws `volumeNotFound`.
    func volume(_ id: ResourceID) throws -> VolumeRecord {
        guard let volume = try volumes(where: "id = ?", [id]).first else { throw CatalogError.volumeNotFound(id) }
        return volume
    }

    func volumes(
        where condition: String, _ arguments: [(any DatabaseValueConvertible)?] = []
    ) throws -> [VolumeRecord] {
        try fetch(VolumeRecord.columns, from: VolumeRecord.table, where: condition, arguments) {
            try VolumeRecord(row: $0)
        }
    }

    /// Throws `volumeExists`, `sourceInUse` or `deviceInUse` when it is there already.
    func insert(_ volume: VolumeRecord) throws {
        if let other = try volumes(where: "id = ?", [volume.id]).first { throw CatalogError.volumeExists(other.id) }
        try refuseRegistered(volume)
        try insert(into: VolumeRecord.table, VolumeRecord.columns, volume.columnValues)
        changes.add(.volume(volume, from: nil))
    }

    /// Throws `sourceInUse` or `deviceInUse` when another volume has the path or the device.
    func refuseRegistered(_ volume: VolumeRecord) throws {
        if let other = try volumes(where: "source = ? AND id <> ?", [volume.source, volume.id]).first {
            throw CatalogError.sourceInUse(path: volume.source, by: other.id)
        }
        guard let device = volume.device else { return }
        let devices = try volumes(where: "device IS NOT NULL AND id <> ?", [volume.id])
        if let other = devices.first(where: { $0.isSameDevice(as: volume) }) {
            throw CatalogError.deviceInUse(path: volume.source, device: device, by: other.id)
        }
    }

    /// Writes the changed record back and dates it.
    func save(_ volume: VolumeRecord) throws {
        var volume = volume
        volume.updatedAt = now
        let before = try volumes(where: "id = ?", [volume.id]).first?.status
        try update(VolumeRecord.table, volume.id, VolumeRecord.columns, volume.columnValues)
        changes.add(.volume(volume, from: before))
    }

    /// Writes number and identity of the device, and nothing else.
    func write(deviceOf volume: VolumeRecord) throws {
        try update(
            VolumeRecord.table, volume.id, ["device", "identity"],
            [volume.device.map { DeviceColumn($0) }, volume.identity.map { IdentityColumn($0) }])
    }

    func eraseRow(ofVolume id: ResourceID) throws {
        let before = try volumes(where: "id = ?", [id]).first
        try database.execute(sql: "DELETE FROM volumes WHERE id = ?", arguments: [id])
        if let before { changes.add(.volumeRemoved(before)) }
    }

    /// Gives the volume to the job of a backup. Throws `volumeBusy` unless its status is one of `expected`.
    func occupy(
        _ volumeID: ResourceID, with backupID: ResourceID, from expected: [VolumeStatus], to status: VolumeStatus
    ) throws {
        var volume = try volume(volumeID)
        guard expected.contains(volume.status) else { throw CatalogError.volumeBusy(volumeID, status: volume.status) }
        volume.status = status
        volume.failReason = nil
        volume.targetWritten = nil
        try save(volume)
        try mark(volumeID, busyWith: backupID)
    }

    /// Writes down for which file a restore was taken in.
    func mark(_ volumeID: ResourceID, restoreFile: String?) throws {
        try update(VolumeRecord.table, volumeID, ["restore_file"], [restoreFile])
    }

    func mark(_ volumeID: ResourceID, busyWith backupID: ResourceID?) throws {
        try database.execute(sql: "UPDATE volumes SET busy_with = ? WHERE id = ?", arguments: [backupID, volumeID])
    }

    /// Takes the volume back from the job of a backup; `change` says what becomes of it. Nothing happens when the
    /// job holds no volume: others may be at work on it by now.
    func releaseVolume(busyWith backupID: ResourceID, _ change: (inout VolumeRecord) -> Void) throws {
        for var volume in try volumes(where: "busy_with = ?", [backupID]) {
            change(&volume)
            volume.restoreFile = nil
            try save(volume)
        }
        try database.execute(sql: "UPDATE volumes SET busy_with = NULL WHERE busy_with = ?", arguments: [backupID])
    }
}
