// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging
import ObjectStorage

extension BackupService {
    package func exportRecord(_ id: ResourceID) throws -> ExportedRecord {
        let record = try catalog.backup(id)
        guard record.status == .available else {
            throw CatalogError.invalidStatus(id, found: record.status, expected: [.available])
        }
        let url = CinderRecord.encode(record, childCount: try catalog.childCount(of: id))
        return ExportedRecord(service: BackupRecord.posixService, url: url)
    }

    /// Takes in a record that Cinder or another daemon exported, under the id it has. A parent may come later.
    ///
    /// The objects are counted and the length of the volume is read off them. What cannot be read yet is no
    /// reason to refuse: on the worst day the records may come before the repository. The remark says so. Metadata that are
    /// those of another backup are one: its bytes would be restored.
    package func importRecord(_ exported: ExportedRecord) throws -> BackupDescription {
        guard CinderRecord.posixServices.contains(exported.service) else {
            throw ServiceError.unknownService(exported.service)
        }
        var record = try CinderRecord.decode(exported.url, now: context.now())
        if let container = record.container { _ = try ContainerPath(container) }
        // A record whose objects cannot have names could never be deleted again.
        if let prefix = record.prefix { try checkObjectName(ObjectNames(prefix: prefix).sha256file) }
        record.service = BackupRecord.posixService
        try catalog.checkImport(of: record)
        try measure(&record)
        try catalog.importBackup(record)
        context.logger.notice("Backup imported", metadata: ["backup_id": "\(record.id)"])
        return try backup(record.id)
    }

    /// - Throws: `EngineError.recordDisagrees`.
    private func measure(_ record: inout BackupRecord) throws {
        guard let location = context.location(of: record) else { return }
        do {
            var count = 0
            let metadata = try context.engine.readMetadata(location) { _ in count += 1 }
            record.objectCount = count
            record.sizeBytes = metadata.sizeBytes
        } catch let error as EngineError where error.isDisagreement {
            throw error
        } catch {
            record.sizeBytes = nil
            record.remark = Self.unreadable(error)
            return
        }
        do {
            record.sizeBytes = try record.sizeBytes ?? length(of: record, location)
        } catch {
            record.remark = Self.unreadable(error)
        }
        if let sizeBytes = record.sizeBytes { record.sizeGiB = max(record.sizeGiB, gibibytes(sizeBytes)) }
    }

    private static func unreadable(_ error: any Error) -> String { "imported, but not readable now: \(error)" }

    /// nil as long as ancestors are missing.
    private func length(of record: BackupRecord, _ location: LayerLocation) throws -> Int64? {
        guard let parentID = record.parentID else { return try context.engine.openChain([location]).length }
        guard let ancestors = try? context.locations(ofChain: parentID) else { return nil }
        return try context.engine.openChain(ancestors + [location]).length
    }
}

extension EngineError {
    fileprivate var isDisagreement: Bool {
        if case .recordDisagrees = self { true } else { false }
    }
}
