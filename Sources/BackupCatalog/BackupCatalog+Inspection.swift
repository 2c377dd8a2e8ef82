// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

extension BackupCatalog {
    /// The backups whose object lists have to be read, in the order in which that was asked for.
    package func backupsToInspect() throws(CatalogError) -> [ResourceID] {
        try read { tables in
            try tables.backups(where: "inspection IS NOT NULL AND \(Self.canBeInspected) ORDER BY job_number, id").map(
                \.id)
        }
    }

    /// The backup, and what its list has to be read for; nil where there is nothing to do.
    package func inspection(of id: ResourceID) throws(CatalogError) -> (backup: BackupRecord, purpose: Inspection)? {
        try read { tables in
            guard let purpose = try tables.inspection(of: id),
                let backup = try tables.backups(where: "id = ? AND \(Self.canBeInspected)", [id]).first
            else { return nil }
            return (backup, purpose)
        }
    }

    /// The children of this backup that have to be measured, and whose length may have had to wait for it.
    package func childrenToMeasure(of id: ResourceID) throws(CatalogError) -> [ResourceID] {
        try read { tables in
            let children = "parent_id = ? AND id <> ? AND inspection = 'measure' AND \(Self.canBeInspected) ORDER BY id"
            return try tables.backups(where: children, [id, id]).map(\.id)
        }
    }

    /// Writes down what the list of an imported backup says. Where the length is not known yet, the backup has still to
    /// be measured: when its ancestors have come.
    package func finishMeasurement(of id: ResourceID, _ measurement: Measurement) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.inspected(id, for: .measure) else { return }
            backup.objectCount = measurement.objectCount
            backup.sizeBytes = measurement.sizeBytes
            if let sizeBytes = measurement.sizeBytes { backup.sizeGiB = max(backup.sizeGiB, gibibytes(sizeBytes)) }
            backup.remark = nil
            try tables.save(backup)
            if measurement.sizeBytes != nil { try tables.setInspection(nil, of: id) }
        }
    }

    /// The list of an imported backup could not be read: `remark` says why. It is tried again after the next start.
    package func postponeMeasurement(of id: ResourceID, remark: String) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.inspected(id, for: .measure) else { return }
            backup.sizeBytes = nil
            backup.remark = remark
            try tables.save(backup)
        }
    }

    /// An imported backup is not the one that its objects are of: it is in `error`, and `reason` says so.
    package func refuseImport(of id: ResourceID, reason: String) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.inspected(id, for: .measure) else { return }
            if backup.status == .available || backup.status == .error {
                backup.status = .error
                backup.failReason = reason
                try tables.save(backup)
            }
            try tables.setInspection(nil, of: id)
        }
    }

    /// Asks for the proof that a backup can be `available`, as which it counts when that has been found.
    /// Throws what `resetBackupStatus` throws.
    package func requestProof(of id: ResourceID) throws(CatalogError) {
        try write { tables in
            try tables.requireResettable(id, to: .available)
            try tables.setInspection(.prove, of: id)
        }
    }

    /// All objects of the backup were found: it is `available`, unless its status was set otherwise, or its deletion
    /// asked for, meanwhile. Throws `parentUnavailable`.
    package func finishProof(of id: ResourceID) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.inspected(id, for: .prove) else { return }
            try tables.requireResettable(id, to: .available)
            backup.markAvailable()
            if try tables.unmarkDamaged(id) { backup.remark = nil }
            try tables.save(backup)
            try tables.withdrawProof(of: id)
        }
    }

    /// The backup cannot be `available`; one that was not says why.
    package func refuseProof(of id: ResourceID, reason: String) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.inspected(id, for: .prove) else { return }
            if backup.status != .available {
                backup.failReason = reason
                try tables.save(backup)
            }
            try tables.withdrawProof(of: id)
        }
    }

    /// The statuses in which nobody else changes the objects.
    fileprivate static let canBeInspected = "status IN ('available', 'restoring', 'error', 'error_deleting')"
}

extension CatalogTables {
    func inspection(of id: ResourceID) throws -> Inspection? {
        let sql = "SELECT inspection FROM backups WHERE id = ?"
        return try String.fetchOne(database, sql: sql, arguments: [id]).flatMap(Inspection.init(rawValue:))
    }

    func setInspection(_ purpose: Inspection?, of id: ResourceID) throws {
        let sql = "UPDATE backups SET inspection = ? WHERE id = ?"
        try database.execute(sql: sql, arguments: [purpose?.rawValue, id])
    }

    /// A proof that was asked for is not wanted any more, or was found. What was imported may still have to be
    /// measured.
    func withdrawProof(of id: ResourceID) throws {
        guard try inspection(of: id) == .prove, let backup = try row(ofBackup: id) else { return }
        try setInspection(backup.compression == nil ? .measure : nil, of: id)
    }

    /// The backup, where its list is still to be read for this.
    fileprivate func inspected(_ id: ResourceID, for purpose: Inspection) throws -> BackupRecord? {
        guard try inspection(of: id) == purpose else { return nil }
        return try backups(where: "id = ? AND \(BackupCatalog.canBeInspected)", [id]).first
    }
}
