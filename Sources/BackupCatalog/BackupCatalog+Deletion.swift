// SPDX-License-Identifier: Apache-2.0

import BackupModel

extension BackupCatalog {
    /// Asks for the deletion of a backup, whose status becomes `deleting`, and returns it as it was before.
    ///
    /// What the caller does next follows from that: a backup that was `creating` with its job begun is taken away
    /// by that job, at its next poll; one that was `deleting` has been asked for already; any other needs a job.
    ///
    /// Throws `invalidStatus` while it is being restored, `hasChildren` while other backups stand on it, `protected` and
    /// `tooYoung` where an `available` one is to be kept.
    /// - Parameters:
    ///   - isForced: whether an `available` backup may turn out to have no objects.
    ///   - minimumAge: that an `available` one must have.
    ///   - onlyWhileCreating: throws `invalidStatus` unless this cancels a backup that is being made.
    package func requestDeletion(
        _ id: ResourceID, isForced: Bool = false, minimumAge: Duration = .zero, onlyWhileCreating: Bool = false
    ) throws(CatalogError) -> BackupRecord {
        try write { tables in
            let before = try tables.backup(id)
            if before.status == .deleting { return before }
            try before.require(onlyWhileCreating ? [.creating] : [.available, .error, .errorDeleting, .creating])
            try before.refuseKept(minimumAge, now: tables.now)
            let children = try tables.childCount(of: id)
            guard children == 0 else { throw CatalogError.hasChildren(id, count: children) }
            var backup = before
            backup.status = .deleting
            backup.deletedFrom = before.status
            backup.mustBeFound = !isForced && (before.status == .available || before.mustBeFound)
            backup.jobNumber = try tables.nextJobNumber()
            backup.jobBegun = false
            try tables.save(backup)
            try tables.withdrawProof(of: id)
            return before
        }
    }

    /// Something of the backup was found in the repository: from here on it is no wonder when nothing is left of it.
    package func noteFound(_ id: ResourceID) throws(CatalogError) {
        try write { tables in
            guard var backup = try tables.backup(id, if: .deleting), backup.mustBeFound else { return }
            backup.mustBeFound = false
            try tables.save(backup)
        }
    }

    /// A backup in `error` was found to have no metadata object.
    package func noteNoMetadata(_ id: ResourceID) throws(CatalogError) {
        try unmarked { tables in
            guard var backup = try tables.backup(id, if: .error) else { return }
            backup.mayHoldMetadata = false
            try tables.save(backup)
        }
    }

    /// The backups in `error` that stand between this one and its deletion, as far as the catalog knows.
    package func failedDependents(of id: ResourceID) throws(CatalogError) -> [BackupRecord] {
        try read { tables in try tables.failedDependents(of: id) }
    }

    /// The objects are gone: `deleting` becomes `deleted`. The row stays, hidden; a volume that this backup's own
    /// creation kept busy is `available` again. False when the backup is not `deleting`.
    @discardableResult
    package func finishDeletion(_ id: ResourceID) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .deleting) else { return false }
            backup.status = .deleted
            backup.deletedAt = tables.now
            try tables.save(backup)
            try tables.releaseVolume(busyWith: id) { $0.markAvailable() }
            return true
        }
    }

    /// The deletion failed: `deleting` becomes `error_deleting`, from where it can be asked for again. A volume that
    /// this backup's own creation kept busy is `available` again. False when the backup is not `deleting`.
    @discardableResult
    package func failDeletion(_ id: ResourceID, reason: String) throws(CatalogError) -> Bool {
        try write { tables in
            guard var backup = try tables.backup(id, if: .deleting) else { return false }
            backup.status = .errorDeleting
            backup.failReason = reason
            try tables.save(backup)
            try tables.releaseVolume(busyWith: id) { $0.markAvailable() }
            return true
        }
    }
}

extension BackupRecord {
    /// Throws `protected`, `tooYoung` when it is an `available` backup that is to be kept.
    func refuseKept(_ minimumAge: Duration, now: Timestamp) throws(CatalogError) {
        guard status == .available else { return }
        if isProtected { throw .protected(id) }
        let (end, overflow) = createdAt.microseconds.addingReportingOverflow(
            minimumAge.components.seconds * 1_000_000)
        let until = Timestamp(microseconds: overflow ? .max : end)
        if minimumAge > .zero, until > now { throw .tooYoung(id, until: until) }
    }
}
