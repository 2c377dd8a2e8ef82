// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging
import ObjectStorage

extension BackupService {
    /// Takes in a backup: its row is `creating` when this returns, its job waits for its turn.
    ///
    /// An increment is made on the newest backup of the volume that is available or being restored. Where the
    /// volume has become shorter than that one, the backup is a full one, and its remark says so.
    package func createBackup(_ request: BackupRequest) throws -> BackupDescription {
        let container = try request.container.map { try ContainerPath(normalizing: $0).text }
        try repository.requireForBackup()
        let volume = try context.located(request.volumeID, by: volumes.locate)
        let look = try volumes.look(at: volume)
        if !request.force, case .inUse(let reason) = look.usage {
            throw ServiceError.volumeInUse(volume.id, reason: reason)
        }
        let sizeBytes = try look.size.get()
        var record = newRecord(request, sizeBytes: sizeBytes)
        record.container = container
        if request.isIncremental { try choose(catalog.newestParent(ofVolume: volume.id), for: &record, sizeBytes) }
        record = try catalog.createBackup(record)
        submit(record)
        return try backup(record.id)
    }

    private func newRecord(_ request: BackupRequest, sizeBytes: Int64) -> BackupRecord {
        var record = BackupRecord(
            id: .random(), volumeID: request.volumeID, status: .creating, sizeGiB: gibibytes(sizeBytes),
            createdAt: context.now())
        record.sizeBytes = sizeBytes
        record.compression = context.settings.compression.name
        record.name = request.name
        record.details = request.details
        record.userMetadata = request.userMetadata
        record.host = context.settings.host
        record.availabilityZone = request.availabilityZone ?? "nova"
        return record
    }

    private func choose(_ parent: BackupRecord?, for record: inout BackupRecord, _ sizeBytes: Int64) throws {
        guard let parent else { throw ServiceError.noParent(volumeID: record.volumeID) }
        _ = try context.locations(ofChain: parent.id)  // an increment on a broken chain would be worth nothing
        record.parentID = parent.id
        if let parentBytes = parent.sizeBytes,
            let remark = shrinkageRemark(from: parentBytes, to: sizeBytes, parent.id)
        {
            record.parentID = nil
            record.remark = remark
            context.logger.notice("Backup is full", metadata: ["backup_id": "\(record.id)", "reason": "\(remark)"])
        }
    }

    /// Puts the job that a row stands for into the line.
    func submit(_ record: BackupRecord) {
        let (context, id, number) = (self.context, record.id, record.jobNumber)
        switch record.status {
        case .creating:
            scheduler.submit(id, number: number, .backup) { BackupJob(context: context, id: id, flag: $0).run() }
        case .restoring:
            scheduler.submit(id, number: number, .restore) { RestoreJob(context: context, id: id, flag: $0).run() }
        case .deleting: submitDeletion(of: id)
        case .available, .error, .errorDeleting, .deleted: break
        }
    }

    /// Nobody withdraws a deletion, so it needs no number.
    func submitDeletion(of id: ResourceID) {
        let context = self.context
        scheduler.submit(id, number: 0, .deletion) { DeletionJob(context: context, id: id).run($0) }
    }
}
