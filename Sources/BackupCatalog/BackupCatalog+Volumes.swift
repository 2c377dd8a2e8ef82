// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    /// Registers a volume.
    /// Throws `volumeExists`, `sourceInUse` or `deviceInUse` when its id, path or device is registered already.
    package func insert(_ volume: VolumeRecord) throws(CatalogError) {
        try write(making: volume.id) { tables in try tables.insert(volume) }
    }

    /// Registers a volume, or gives the one that has its id another path and device; `describe` says what else the
    /// client told of it. Returns the volume as it is then.
    ///
    /// Throws `sourceInUse` or `deviceInUse` when the path or the device is another volume, `volumeExists` when that
    /// id is one whose file the daemon made, `volumeBusy` while a job has the volume.
    package func register(
        _ volume: VolumeRecord, _ describe: (inout VolumeRecord) -> Void = { _ in }
    ) throws(CatalogError) -> VolumeRecord {
        try write(making: volume.id) { tables in
            if var known = try tables.volumes(where: "id = ?", [volume.id]).first {
                guard !known.isOwned else { throw CatalogError.volumeExists(known.id) }
                guard !known.status.isBusy else { throw CatalogError.volumeBusy(known.id, status: known.status) }
                try tables.refuseRegistered(volume)
                known = known.described(by: describe)
                known.source = volume.source
                known.device = volume.device
                known.identity = volume.identity
                known.sizeBytes = volume.sizeBytes
                try tables.save(known)
            } else {
                try tables.insert(volume.described(by: describe))
            }
            return try tables.volume(volume.id)
        }
    }

    /// Takes down under which number, and as what, the device of a volume was found. It is no change of the volume:
    /// nobody is told, and one that was registered anew since `known` was read stays as it is.
    package func take(_ found: VolumeRecord, insteadOf known: VolumeRecord) throws(CatalogError) {
        try unmarked { tables in
            let now = try tables.volume(known.id)
            guard now.source == known.source, now.device == known.device, now.identity == known.identity else { return }
            try tables.write(deviceOf: found)
        }
    }

    /// Takes back a registration that led to nothing, and the receipt for it.
    package func withdraw(_ id: ResourceID) throws(CatalogError) {
        try unmarked { tables in
            try tables.eraseRow(ofVolume: id)
            if let receipt { try tables.erase(receipt) }
        }
    }

    /// Throws `volumeNotFound`.
    package func volume(_ id: ResourceID) throws(CatalogError) -> VolumeRecord {
        try read { tables in try tables.volume(id) }
    }

    /// One page of the volumes that the query asks for. Throws `volumeNotFound` for an unknown marker.
    package func volumes(_ query: VolumeQuery = VolumeQuery()) throws(CatalogError) -> [VolumeRecord] {
        try read { tables in
            let page = try query.page(in: tables)
            return try tables.fetch(
                VolumeRecord.columns, from: VolumeRecord.table, where: page.sql, page.arguments,
                within: query.bytes ?? .max, weight: \.listedBytes
            ) { try VolumeRecord(row: $0) }
        }
    }

    /// How many volumes the query finds on all its pages together.
    package func volumeCount(_ query: VolumeQuery = VolumeQuery()) throws(CatalogError) -> Int {
        try read { tables in try tables.count(VolumeRecord.table, where: query.filter) }
    }

    /// Changes what describes a volume: everything but its id, status, source, device, owner and creation, which
    /// stay as they are whatever `change` does to them.
    @discardableResult
    package func updateVolume(
        _ id: ResourceID, _ change: (inout VolumeRecord) -> Void
    ) throws(CatalogError) -> VolumeRecord {
        try write(making: id) { tables in
            let before = try tables.volume(id)
            try tables.save(before.described(by: change))
            return try tables.volume(id)
        }
    }

    /// Forgets a volume and returns what it was. Throws `volumeBusy` while a backup or restore of it runs or waits.
    package func removeVolume(_ id: ResourceID) throws(CatalogError) -> VolumeRecord {
        try write { tables in
            let volume = try tables.volume(id)
            guard !volume.status.isBusy else { throw CatalogError.volumeBusy(id, status: volume.status) }
            try tables.eraseRow(ofVolume: id)
            return volume
        }
    }

    /// Makes a volume whose restore failed `available` again. Throws `volumeBusy` while a job has it.
    package func resetVolumeStatus(_ id: ResourceID) throws(CatalogError) {
        try write { tables in
            var volume = try tables.volume(id)
            guard !volume.status.isBusy else { throw CatalogError.volumeBusy(id, status: volume.status) }
            volume.markAvailable()
            try tables.save(volume)
        }
    }
}

extension VolumeStatus {
    /// True while a job has the volume, from the request on.
    var isBusy: Bool { self == .backingUp || self == .restoringBackup }
}

extension VolumeRecord {
    /// The volume after a change that may touch only its description.
    func described(by change: (inout VolumeRecord) -> Void) -> VolumeRecord {
        var volume = self
        change(&volume)
        volume.id = id
        volume.status = status
        volume.source = source
        volume.device = device
        volume.identity = identity
        volume.restoreFile = restoreFile
        volume.isOwned = isOwned
        volume.createdAt = createdAt
        volume.failReason = failReason
        volume.targetWritten = targetWritten
        return volume
    }

    mutating func markAvailable() {
        status = .available
        failReason = nil
        targetWritten = nil
    }

    mutating func markRestoreFailed(reason: String, targetWritten: Bool) {
        status = .errorRestoring
        failReason = reason
        self.targetWritten = targetWritten
    }
}
