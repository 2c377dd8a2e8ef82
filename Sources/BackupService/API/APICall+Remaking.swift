// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension APICall {
    /// The answer to a POST that was done, and whose answer is not known: it shows what was made as it is now.
    /// Throws `CatalogError` when that has gone since.
    func remakeAnswer(made id: ResourceID?, with service: BackupService, links: Links) throws -> Answer {
        guard let id else { return Answer(202) }
        switch self {
        case .createBackup: return .created(try service.backup(id), status: 202, links)
        case .importRecord: return .created(try service.backup(id), status: 201, links)
        case .createVolume(let request):
            // The daemon may have ended before the file was made.
            if request.backupID == nil { try service.makeMissingFile(of: id) }
            return .created(try service.volume(id), links)
        case .registerVolume: return .created(try service.volume(id), links)
        case .restoreBackup(let backupID, _): return .restore(try service.restoreAnswer(of: backupID, to: id))
        case .volumeMetadata(let volumeID, _): return try MetadataRequest.show.perform(on: volumeID, with: service)
        default: return Answer(202)
        }
    }
}
