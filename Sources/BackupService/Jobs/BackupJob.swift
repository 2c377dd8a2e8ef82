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
        do {
            guard let record = try context.catalog.beginJob(id, expecting: .creating) else {
                // A DELETE has come between the scheduler's decision and this moment, and left the rest to this job.
                return DeletionJob(context: context, id: id).run(flag)
            }
            context.board.begin(id, JobProgress(phase: .reading, bytesTotal: record.sizeBytes ?? 0))
            context.record(.createStart, id)
            let notifier = context.notifier(id, .createProgress)
            defer { notifier.stop() }
            let outcome = try save(record, notifier)
            notifier.stop()
            try finish(outcome)
        } catch {
            end(error)
        }
    }

    // MARK: - The work

    private func save(_ record: BackupRecord, _ notifier: ProgressNotifier) throws -> BackupOutcome {
        let volumeRecord = try context.catalog.volume(record.volumeID)
        let file = try context.volumes.openForReading(volumeRecord)
        for failure in context.volumes.synchronize(volumeRecord) {
            context.logger.debug("Mounted file system was not synchronized", metadata: ["error": "\(failure)"])
        }
        let volume = try VolumeReader(file, traffic: context.engine.traffic)
        let parent = try parent(of: record, volumeBytes: volume.length)
        let plan = plan(for: record, parent: parent)
        guard try context.catalog.setLocation(id, container: plan.container, prefix: plan.names.prefix) else {
            throw EngineError.cancelled
        }
        let control = control(notifier)
        let digests = try parent.map {
            try context.engine.parentDigests(of: $0, volumeID: record.volumeID, control: control)
        }
        return try context.engine.backUp(
            volume, as: plan.following(digests), since: digests, control: control,
            volumeMeta: { try VolumeMeta.boundedText(describing: context.catalog.volume(record.volumeID)) })
    }

    /// Where the parent's objects are; nil for a full backup, also when the volume has become shorter than it
    /// was: Cinder would restore the parent's tail behind its end.
    private func parent(of record: BackupRecord, volumeBytes: Int64) throws -> LayerLocation? {
        guard let parentID = record.parentID else { return nil }
        let chain = try context.locations(ofChain: parentID)
        let parentBytes = try context.catalog.backup(parentID).sizeBytes ?? context.engine.openChain(chain).length
        if let remark = shrinkageRemark(from: parentBytes, to: volumeBytes, parentID) {
            guard try context.catalog.turnIntoFull(id, remark: remark) else { throw EngineError.cancelled }
            context.logger.notice("Backup is full", metadata: ["backup_id": "\(id)", "reason": "\(remark)"])
            return nil
        }
        return chain.last
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
                parentID: parent?.backupID.text))
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

    /// Failed, cancelled or overtaken by the daemon's end: the objects go, then the row says why.
    private func end(_ error: any Error) {
        do {
            guard let status = try context.settle(flag, { try context.catalog.status(ofBackup: id) }) else { return }
            guard status == .creating else { return DeletionJob(context: context, id: id).run(flag) }
            try fail(context.reason(error, flag, cancelled: "cancelled"))
        } catch {
            context.logger.critical("Backup could not be ended", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }

    private func fail(_ reason: String) throws {
        var reason = reason
        do {
            try DeletionJob(context: context, id: id).removeObjects()
        } catch {
            reason = context.shown(reason + "; its objects could not be removed: \(error)")
        }
        guard let isFailed = try context.settle(flag, { try context.catalog.failBackup(id, reason: reason) }) else {
            return
        }
        guard isFailed else { return DeletionJob(context: context, id: id).run(flag) }  // a DELETE has come
        context.board.end(id, keeping: true)
        context.record(.createError, id, reason: reason)
        context.logger.error("Backup failed", metadata: ["backup_id": "\(id)", "reason": "\(reason)"])
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
