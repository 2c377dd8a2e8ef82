// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging
import Posix

/// The repository as the API shows it.
package struct RepositoryDescription: Sendable {
    package let path: String
    package let state: RepositoryState
    /// nil while none was taken.
    package let identity: ResourceID?
    package let isRolledBack: Bool
    /// nil where it does not tell.
    package let space: FileSystemSpace?
    package let scan: RepositoryScan.Result
    /// The catalog of this daemon.
    package let catalogID: ResourceID
}

extension BackupService {
    package func showRepository() throws -> RepositoryDescription {
        let identity = try catalog.identity()
        let state = repository.state()
        return RepositoryDescription(
            path: repository.path, state: state, identity: identity.repositoryID, isRolledBack: identity.isRolledBack,
            space: try? repository.space(), scan: scan.found, catalogID: identity.catalogID)
    }

    /// Looks for complete backups that the catalog does not know.
    package func scanRepository() { scan.start() }

    /// Goes on from here: takes the repository as it is, and the catalog as it came back from an earlier state. What of that
    /// takes longer than a moment goes on behind the answer.
    /// - Throws: `RepositoryError` where that does not help; `CatalogError`, `SystemCallError`.
    package func acceptRepository() throws {
        do {
            try patience.insist("the acceptance of the repository", within: .seconds(5)) { [self] in
                do {
                    try accept()
                } catch {
                    context.logger.error("The repository could not be accepted", metadata: ["error": "\(error)"])
                    throw error
                }
            }
        } catch is NoAnswer {
            return
        }
    }

    private func accept() throws {
        try context.claim.acceptIdentity()
        guard context.claim.isRolledBack else { return }
        scan.run()
        guard scan.found.progress == .done else { throw ServiceError.repositoryNotScanned }
        for backup in scan.found.backups where backup.metadata.writer == context.claim.catalogID.text { adopt(backup) }
        try context.claim.acceptRollback()
    }

    private func adopt(_ backup: CompleteBackup) {
        do {
            try context.catalog.importBackup(BackupRecord(adopting: backup, now: context.now()), isMeasured: true)
            context.logger.notice("Backup was adopted", metadata: ["backup_id": "\(backup.location.backupID)"])
        } catch {
            context.logger.error(
                "Backup was not adopted", metadata: ["backup_id": "\(backup.location.backupID)", "error": "\(error)"])
        }
    }
}

extension BackupRecord {
    /// The row of a backup that the repository holds, by what its metadata object says.
    init(adopting backup: CompleteBackup, now: Timestamp) {
        let metadata = backup.metadata
        let bytes = metadata.sizeBytes ?? 0
        self.init(
            id: backup.location.backupID, volumeID: ResourceID(metadata.volumeID) ?? .zero,
            parentID: metadata.parentID.flatMap { ResourceID($0) }, status: .available, sizeGiB: gibibytes(bytes),
            createdAt: Timestamp(metadata.createdAt) ?? now)
        container = backup.location.container
        prefix = backup.location.names.prefix
        objectCount = backup.objectCount
        sizeBytes = metadata.sizeBytes
        storedBytes = backup.storedBytes
        compression = backup.compression
        name = metadata.backupName
        details = metadata.backupDescription
        remark = "adopted from the repository, whose catalog had come back from an earlier state"
    }
}
