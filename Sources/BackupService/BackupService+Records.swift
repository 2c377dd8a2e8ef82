// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
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
    /// A job counts the objects and reads the length of the volume off them, if it can; the remark says why not.
    package func importRecord(_ exported: ExportedRecord) throws -> BackupDescription {
        guard CinderRecord.posixServices.contains(exported.service.withoutOuterBlanks) else {
            throw ServiceError.unknownService(exported.service)
        }
        var record = try CinderRecord.decode(exported.url, now: context.now())
        // A record whose objects cannot have names could never be deleted again.
        if let prefix = record.prefix { try checkObjectName(ObjectNames(prefix: prefix).sha256file) }
        record.service = BackupRecord.posixService
        try requireExportable(record)
        try catalog.importBackup(record)
        try measureImport(of: record.id)
        context.logger.notice("Backup imported", metadata: ["backup_id": "\(record.id)"])
        return try backup(record.id)
    }

    /// What is imported here can be exported, and imported again: the same record may be shorter in other hands, which
    /// need not escape what is not ASCII.
    private func requireExportable(_ record: BackupRecord) throws {
        let bytes = CinderRecord.encode(record, childCount: .max).utf8.count
        guard bytes <= CinderRecord.longestURL else {
            throw ServiceError.badRecord(
                reason:
                    "it takes \(bytes) bytes when it is exported, but only \(CinderRecord.longestURL) are taken back")
        }
    }
}
