// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// Restores one backup to the volume that its row names.
struct RestoreJob {
    let context: JobContext
    let id: ResourceID
    let flag: JobFlag

    func run() {
        var target: RestoreTarget?
        do {
            if context.claim.holds(try context.catalog.backup(id, includingDeleted: true)) { return }
            guard let record = try context.catalog.beginJob(id, expecting: .restoring) else { return }
            context.board.begin(id, JobProgress(phase: .restoring, bytesTotal: record.sizeBytes ?? 0))
            context.record(.restoreStart, id)
            try context.claim.begin(.restore)
            let notifier = context.notifier(id, .restoreProgress)
            defer { notifier.stop() }
            let control = control(notifier)

            let chain = try context.engine.openChain(try context.locations(ofChain: id), control: control)
            warn(chain.warning)
            let opened = try openTarget(of: record)
            target = opened
            try context.engine.restore(chain, to: opened, control: control)
            notifier.stop()
            try finish(record, chain, opened)
        } catch {
            end(error, targetWritten: target?.hasBeenWritten ?? false)
        }
    }

    private func openTarget(of record: BackupRecord) throws -> RestoreTarget {
        guard let volumeID = record.restoreVolumeID else {
            throw ServiceError.restoreRefused(id, reason: "its record names no volume to restore to")
        }
        let volume = try context.located(volumeID)
        let remark = { (error: String) in
            context.logger.warning(
                "The target of a restore cannot be locked", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
        if let file = try context.volumes.openEmptyFile(volume, remark: remark) {
            return try RestoreTarget(file, isNew: true)
        }
        return try RestoreTarget(context.volumes.openForWriting(volume, remark: remark), isNew: false)
    }

    /// What a restore can do without: the client was told in the answer to its request.
    private func warn(_ warning: String?) {
        guard let warning else { return }
        context.logger.warning("Restore goes on", metadata: ["backup_id": "\(id)", "warning": "\(warning)"])
    }

    private func control(_ notifier: ProgressNotifier) -> JobControl {
        JobControl(
            checkpoint: { [context, id, flag] in
                guard !flag.isStopping, try context.catalog.isRestoreWanted(id) else { throw EngineError.cancelled }
            },
            isAbandoned: { [flag] in flag.isRaised },
            report: { [context, id] progress in
                context.board.update(id, progress)
                notifier.chunksDone(progress.objects)
            })
    }

    private func finish(_ record: BackupRecord, _ chain: RestoreChain, _ target: RestoreTarget) throws {
        let isFinished = try context.settle(flag) {
            try context.catalog.finishRestore(id) { volume in
                chain.volumeMeta?.apply(to: &volume)
                volume.noteSource(of: record)
                volume.sizeBytes = max(chain.length, target.length)
            }
        }
        guard let isFinished else { return }
        context.board.end(id, keeping: false)
        guard isFinished else {  // cancelled in the last moment: the catalog has ended it already
            context.record(.restoreError, id, reason: Self.cancelled)
            return context.logger.error(
                "Restore failed", metadata: ["backup_id": "\(id)", "reason": "\(Self.cancelled)"])
        }
        context.record(.restoreEnd, id)
        context.logger.notice("Restore finished", metadata: ["backup_id": "\(id)", "bytes": "\(chain.length)"])
    }

    private static let cancelled = "the restore was cancelled"

    private func end(_ error: any Error, targetWritten: Bool) {
        let reason = context.reason(error, flag, cancelled: Self.cancelled)
        do {
            let isFailed = try context.settle(flag) {
                try context.catalog.failRestore(id, reason: reason, targetWritten: targetWritten)
            }
            guard isFailed == true else { return }
            context.board.end(id, keeping: false)
            context.record(.restoreError, id, reason: reason)
            context.logger.error("Restore failed", metadata: ["backup_id": "\(id)", "reason": "\(reason)"])
        } catch {
            context.logger.critical(
                "Restore could not be ended", metadata: ["backup_id": "\(id)", "error": "\(error)"])
        }
    }
}

extension VolumeRecord {
    /// Keeps in the metadata which backup the data came from, as Cinder does: not where a volume got its own data back,
    /// unless it had those of another backup before.
    fileprivate mutating func noteSource(of backup: BackupRecord) {
        let key = "src_backup_id"
        if backup.volumeID != id || userMetadata[key].map({ $0 != backup.id.text }) ?? false {
            userMetadata[key] = backup.id.text
        }
    }
}
