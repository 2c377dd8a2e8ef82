// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Makes one backup: from the row that says `creating` to the one that says how it ended.
struct BackupJob {
    let context: JobContext
    let id: ResourceID
    let flag: JobFlag

    func run() {
        /// Whether there may be objects that a failure leaves to be removed.
        var isStored = false
        do {
            guard let record = try context.catalog.beginJob(id, expecting: .creating) else {
                // A DELETE has come between the scheduler's decision and this moment, and left the rest to this job.
                return DeletionJob(context: context, id: id).run(flag)
            }
            context.board.begin(id, JobProgress(phase: .reading, bytesTotal: record.sizeBytes ?? 0))
            context.record(.createStart, id)
            try context.claim.begin(.backup)
            let notifier = context.notifier(id, .createProgress)
            defer { notifier.stop() }
            let outcome = try save(record, notifier)
            isStored = true
            notifier.stop()
            try finish(outcome)
        } catch {
            end(error, isStored: isStored)
        }
    }

    // MARK: - The work

    private func save(_ record: BackupRecord, _ notifier: ProgressNotifier) throws -> BackupOutcome {
        let volumeRecord = try context.located(record.volumeID)
        let file = try context.volumes.openForReading(volumeRecord)
        for failure in context.volumes.synchronize(volumeRecord) {
            context.logger.debug("Mounted file system was not synchronized", metadata: ["error": "\(failure)"])
        }
        let volume = try VolumeReader(file, traffic: context.engine.traffic)
        let control = control(notifier)
        let parent = try parent(of: record, volumeBytes: volume.length, control)
        let plan = plan(for: record, parent: parent)
        guard try context.catalog.setLocation(id, container: plan.container, prefix: plan.names.prefix) else {
            throw EngineError.cancelled
        }
        let digests = try parent.map {
            try context.engine.parentDigests(of: $0, volumeID: record.volumeID, control: control)
        }
        do {
            return try context.engine.backUp(
                volume, as: plan.following(digests), since: digests, control: control,
                volumeMeta: { try VolumeMeta.boundedText(describing: context.catalog.volume(record.volumeID)) },
                confirm: context.claim.confirm)
        } catch let error as EngineError where error.isOfDigestList(parent?.names.sha256file) {
            // Read in step, it shows its damage only now: the next backup will be a full one.
            if let parent { try markDamaged([DamagedBackup(id: parent.backupID, reason: "\(error)")]) }
            throw error
        }
    }

    /// Where the parent's objects are; nil for a full backup, also when something of the chain is missing or misshapen, or
    /// when the volume has become shorter than it was: Cinder would restore the parent's tail behind its end.
    private func parent(
        of record: BackupRecord, volumeBytes: Int64, _ control: JobControl
    ) throws -> LayerLocation? {
        guard let parentID = record.parentID else { return nil }
        let chain = try context.locations(ofChain: parentID)
        if let known = try context.catalog.firstDamaged(of: chain.map(\.backupID)) {
            return try becomeFull(
                "full instead of incremental: backup \(known.id) is known to be damaged: \(known.remark ?? "")")
        }
        let damaged = try context.engine.damagedBackups(in: chain, control: control)
        if let first = damaged.first {
            // Of a repository that is another one by now nothing can be said.
            try context.claim.confirm()
            try markDamaged(damaged)
            return try becomeFull("full instead of incremental: backup \(first.id) is damaged: \(first.reason)")
        }
        let parentBytes = try context.catalog.backup(parentID).sizeBytes ?? context.engine.openChain(chain).length
        if let remark = shrinkageRemark(from: parentBytes, to: volumeBytes, parentID) { return try becomeFull(remark) }
        return chain.last
    }

    /// Answers nil: it has no parent any more.
    private func becomeFull(_ remark: String) throws -> LayerLocation? {
        let remark = context.shown(remark)
        guard try context.catalog.turnIntoFull(id, remark: remark) else { throw EngineError.cancelled }
        context.logger.notice("Backup is full", metadata: ["backup_id": "\(id)", "reason": "\(remark)"])
        return nil
    }

    private func markDamaged(_ backups: [DamagedBackup]) throws {
        let remarks = backups.map { (id: $0.id, remark: context.shown("damaged: \($0.reason)")) }
        for (id, remark) in remarks {
            context.logger.error("Backup is damaged", metadata: ["backup_id": "\(id)", "reason": "\(remark)"])
        }
        try context.catalog.markDamaged(remarks)
    }

    private func plan(for record: BackupRecord, parent: LayerLocation?) -> BackupPlan {
        let settings = context.settings
        return BackupPlan(
            container: record.container ?? BackupPlan.defaultContainer(of: id),
            names: ObjectNames(volumeID: record.volumeID, backupID: id, at: context.now()),
            compression: settings.compression, chunkBytes: settings.chunkBytes, blockBytes: settings.blockBytes,
            metadata: BackupMetadata(
                backupID: id.text, volumeID: record.volumeID.text, backupName: record.name,
                backupDescription: record.details, createdAt: record.createdAt.metadataText,
                parentID: parent?.backupID.text, writer: context.claim.catalogID.text))
    }

    private func control(_ notifier: ProgressNotifier) -> JobControl {
        JobControl(
            checkpoint: { [context, id, flag] in
                guard !flag.isStopping, try context.catalog.status(ofBackup: id) == .creating else {
                    throw EngineError.cancelled
                }
            },
            isAbandoned: { [flag] in flag.isRaised },
            report: { [context, id] progress in
                context.board.update(id, progress)
                notifier.chunksDone(progress.chunks)
            })
    }

    // MARK: - The ends

    private func finish(_ outcome: BackupOutcome) throws {
        let isFinished = try context.settle(flag) {
            try context.catalog.finishBackup(
                id, objectCount: Int(outcome.objectCount), storedBytes: outcome.storedBytes,
                sizeBytes: outcome.sizeBytes)
        }
        guard let isFinished else { return }
        guard isFinished else { throw EngineError.cancelled }  // a DELETE has won
        context.board.end(id, keeping: false)
        context.record(.createEnd, id)
        context.logger.notice(
            "Backup finished",
            metadata: [
                "backup_id": "\(id)", "objects": "\(outcome.objectCount)", "bytes": "\(outcome.sizeBytes)",
                "stored_bytes": "\(outcome.storedBytes)",
            ])
    }

    /// Failed, cancelled or overtaken by the daemon's end. The engine has removed what it had made.
    private func end(_ error: any Error, isStored: Bool) {
        do {
            guard let status = try context.settle(flag, { try context.catalog.status(ofBackup: id) }) else { return }
            let isGone = !isStored && !(error is LeftoverObjects) && !isInDoubt(error)
            guard status == .creating else {
                if isGone { try? removeEmptyContainer(of: context.catalog.backup(id, includingDeleted: true)) }
                return DeletionJob(context: context, id: id, areObjectsGone: isGone).run(flag)
            }
            try end(as: UnfinishedBackup(context: context, id: id, flag: flag), error)
        } catch {
            context.logger.critical("Backup could not be ended", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }

    private func end(as backup: UnfinishedBackup, _ error: any Error) throws {
        let reason = context.reason(error, flag, cancelled: "cancelled")
        // What failed to become durable is not so because a second look finds it.
        if isInDoubt(error) { return try backup.fail(reason, mayHoldMetadata: true) }
        try backup.end(reason, tidyUp: removeEmptyContainer)
    }

    private func removeEmptyContainer(of record: BackupRecord) throws {
        guard let location = context.location(of: record) else { return }
        try context.claim.confirm()
        try context.engine.removeIfEmpty(location.container, of: id)
    }

    private func isInDoubt(_ error: any Error) -> Bool {
        if case .completionInDoubt? = error as? EngineError { true } else { false }
    }
}

extension EngineError {
    /// Whether the list of digests with this name is not what it should be.
    fileprivate func isOfDigestList(_ name: String?) -> Bool {
        if case .badDigestList(let found, _) = self { found == name } else { false }
    }
}

extension BackupPlan {
    /// An increment has its parent's blocks, whatever the configuration says now.
    fileprivate func following(_ parent: ParentDigests?) -> BackupPlan {
        guard let parent else { return self }
        var plan = self
        plan.blockBytes = parent.blockBytes
        plan.chunkBytes = BackupPlan.chunk(of: chunkBytes, blocks: parent.blockBytes)
        return plan
    }
}

/// Why an increment on a parent of `parentBytes` becomes a full backup; nil when it need not.
func shrinkageRemark(from parentBytes: Int64, to volumeBytes: Int64, _ parentID: ResourceID) -> String? {
    guard volumeBytes < parentBytes else { return nil }
    return "full instead of incremental: the volume shrank from \(parentBytes) to \(volumeBytes) bytes "
        + "since backup \(parentID)"
}
