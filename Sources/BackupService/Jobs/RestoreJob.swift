// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Glibc
import Logging
import Posix

/// Restores one backup to the volume that its row names.
struct RestoreJob {
    let context: JobContext
    let id: ResourceID
    let flag: JobFlag

    func run() {
        var target: RestoreTarget?
        do {
            guard let record = try context.catalog.beginJob(id, expecting: .restoring) else { return }
            context.board.begin(id, JobProgress(phase: .restoring, bytesTotal: record.sizeBytes ?? 0))
            context.record(.restoreStart, id)
            let notifier = ProgressNotifier(
                interval: context.settings.timerInterval,
                chunksPerNotification: context.settings.chunksPerNotification
            ) { [context, id] in context.record(.restoreProgress, id) }
            defer { notifier.stop() }

            let chain = try context.engine.openChain(try context.locations(ofChain: id))
            warn(chain.warning)
            target = try openTarget(of: record)
            if let target { try context.engine.restore(chain, to: target, control: control(notifier)) }
            notifier.stop()
            finish(chain, target)
        } catch {
            fail(error, targetWritten: target?.hasBeenWritten ?? false)
        }
    }

    private func openTarget(of record: BackupRecord) throws -> RestoreTarget {
        guard let volumeID = record.restoreVolumeID else {
            throw ServiceError.restoreRefused(id, reason: "its record names no volume to restore to")
        }
        let volume = try context.catalog.volume(volumeID)
        if let file = try context.volumes.openEmptyFile(volume) { return try RestoreTarget(file, isNew: true) }
        return try RestoreTarget(context.volumes.openForWriting(volume), isNew: false)
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

    private func finish(_ chain: RestoreChain, _ target: RestoreTarget?) {
        var isFinished = false
        context.settle(flag) {
            isFinished = try context.catalog.finishRestore(id) { volume in
                chain.volumeMeta?.apply(to: &volume)
                volume.sizeBytes = max(chain.length, target?.length ?? 0)
            }
        }
        guard isFinished else { return fail(EngineError.cancelled, targetWritten: true) }
        context.board.end(id, keeping: false)
        context.record(.restoreEnd, id)
        context.logger.notice("Restore finished", metadata: ["backup_id": "\(id)", "bytes": "\(chain.length)"])
    }

    private func fail(_ error: any Error, targetWritten: Bool) {
        let wasCancelled = error as? EngineError == .cancelled
        let reason =
            switch (wasCancelled, flag.isStopping) {
            case (true, true): "interrupted: the daemon was stopped"
            case (true, false): "the restore was cancelled"
            case (false, _): "\(error)"
            }
        context.settle(flag) { try context.catalog.failRestore(id, reason: reason, targetWritten: targetWritten) }
        context.board.end(id, keeping: false)
        context.record(.restoreError, id, reason: reason)
        context.logger.error("Restore failed", metadata: ["backup_id": "\(id)", "reason": "\(reason)"])
    }
}
