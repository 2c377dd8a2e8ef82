// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging
import ObjectStorage

/// The rules: which backups may be made, restored and deleted, and when. Plain arguments and results; the API
/// stands in front of it, the jobs do the work behind it.
package final class BackupService: Sendable {
    let context: JobContext
    let scheduler: JobScheduler
    let feed: EventFeed
    /// The repository as requests see it.
    package let repository: RepositoryAccess
    let scan: RepositoryScan
    /// The catalog as requests use it; jobs have that of the context.
    let catalog: BackupCatalog
    /// With which requests ask disks; jobs wait for theirs.
    let patience: Patience

    package init(context: JobContext, scheduler: JobScheduler, feed: EventFeed, patience: Patience = Patience()) {
        self.context = context
        self.scheduler = scheduler
        self.feed = feed
        repository = RepositoryAccess(context.claim, patience)
        scan = RepositoryScan(context: context)
        catalog = context.catalog
        self.patience = patience
    }

    private init(_ other: BackupService, catalog: BackupCatalog) {
        context = other.context
        scheduler = other.scheduler
        feed = other.feed
        repository = other.repository
        scan = other.scan
        patience = other.patience
        self.catalog = catalog
    }

    /// The same service for one request: what it does leaves `receipt` in the catalog.
    func leaving(_ receipt: Receipt) -> BackupService {
        BackupService(self, catalog: catalog.leaving(receipt))
    }

    /// Volumes as requests see them.
    var volumes: VolumeInquiry { VolumeInquiry(access: context.volumes, patience: patience) }

    /// One read of the catalog: for the watchdog.
    package func checkHealth() throws { try catalog.tick() }

    package func backup(_ id: ResourceID) throws -> BackupDescription {
        let record = try catalog.backup(id)
        return describe(record, hasDependents: try catalog.childCount(of: id) > 0)
    }

    package func backups(_ query: BackupQuery) throws -> [BackupDescription] {
        try catalog.backups(query).map { describe($0.record, hasDependents: $0.hasDependents) }
    }

    package func backupCount(_ query: BackupQuery) throws -> Int { try catalog.backupCount(query) }

    package func changeBackup(_ id: ResourceID, _ change: BackupChange) throws -> BackupDescription {
        let words = change.description
        try catalog.updateBackup(id) { record in
            record.name = words.name ?? record.name
            record.details = words.details ?? record.details
            record.userMetadata = words.userMetadata ?? record.userMetadata
            record.isProtected = change.isProtected ?? record.isProtected
        }
        return try backup(id)
    }

    private func describe(_ record: BackupRecord, hasDependents: Bool) -> BackupDescription {
        BackupDescription(record: record, hasDependents: hasDependents, progress: context.board.report(on: record))
    }
}
