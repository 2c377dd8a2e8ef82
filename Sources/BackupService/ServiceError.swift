// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Why the service refused a request. What the catalog refuses comes as `CatalogError`, a bad container name as
/// `StorageError`; the API turns all of them into answers in one place.
package enum ServiceError: Error, Equatable, CustomStringConvertible {
    case volumeInUse(ResourceID, reason: String)
    case notWritable(ResourceID, reason: String)
    case noParent(volumeID: ResourceID)
    case pathNotAllowed(String, allowed: [String])
    case badSource(String, reason: String)
    case volumeTooSmall(volumeID: ResourceID, bytes: Int64, needed: Int64)
    case sizeTooSmall(gibibytes: Int, needed: Int)
    case notOwned(ResourceID)
    case owned(ResourceID)
    case metadataUnreadable(ResourceID, reason: String)
    case badRecord(reason: String)
    case unknownService(String)
    case restoreRefused(ResourceID, reason: String)
    case nothingFound(ResourceID)
    case repositoryNotScanned
    /// The disk of what is named here, as in a sentence.
    case noAnswer(String)
    case noSuchMetadata(volumeID: ResourceID, key: String)
    /// What describes a volume has no room in its backups.
    case volumeMetaTooLong(ResourceID, bytes: Int, limit: Int)

    package var description: String {
        switch self {
        case .volumeInUse(let id, let reason): "volume \(id) is in use (\(reason))"
        case .notWritable(let id, let reason): "volume \(id) cannot be written to (\(reason))"
        case .noParent(let id): "No backups available to do an incremental backup of volume \(id)."
        case .pathNotAllowed(let path, let allowed):
            "\(path) does not lie under volumes.allowed_paths (\(allowed.joined(separator: ", ")))"
        case .badSource(let path, let reason): "\(path) cannot be a volume: \(reason)"
        case .volumeTooSmall(let id, let bytes, let needed):
            "volume \(id) is \(bytes) bytes long, but the backup needs \(needed)"
        case .sizeTooSmall(let size, let needed):
            "a volume of \(size) GiB is too small for the backup, which needs \(needed)"
        case .notOwned(let id):
            "volume \(id) was registered, not created: its data are not deleted (os-unmanage forgets it)"
        case .owned(let id): "volume \(id) was created by the daemon: it is deleted, not unmanaged"
        case .metadataUnreadable(let id, let reason): "backup \(id) cannot become available: \(reason)"
        case .badRecord(let reason): "the backup record cannot be imported: \(reason)"
        case .unknownService(let name): "records of the backup service \(name) cannot be imported"
        case .restoreRefused(let id, let reason): "backup \(id) cannot be restored: \(reason)"
        case .nothingFound(let id):
            "nothing of backup \(id) was found in the repository: is it the right one? os-force_delete forgets the backup"
        case .repositoryNotScanned: "the repository could not be gone through: the log says why"
        case .noAnswer(let subject): "\(subject) does not answer"
        case .noSuchMetadata(let id, let key): "volume \(id) has no metadata under the key \(key.prefix(100))"
        case .volumeMetaTooLong(let id, let bytes, let limit):
            "what describes volume \(id) takes \(bytes) bytes with its metadata, but backups have room for \(limit)"
        }
    }
}
