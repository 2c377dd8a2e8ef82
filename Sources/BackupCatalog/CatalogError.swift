// SPDX-License-Identifier: Apache-2.0

import BackupModel
import GRDB

/// Why the catalog refused, or could not do, what was asked.
package enum CatalogError: Error, Equatable, CustomStringConvertible {
    case backupNotFound(ResourceID)
    case volumeNotFound(ResourceID)
    case backupExists(ResourceID)
    case volumeExists(ResourceID)
    case invalidStatus(ResourceID, found: BackupStatus, expected: [BackupStatus])
    /// A backup may be reset to `available` or `error` only.
    case resetRefused(ResourceID, to: BackupStatus)
    case volumeBusy(ResourceID, status: VolumeStatus)
    case hasChildren(ResourceID, count: Int)
    /// The word stands, and keeps the backup from deletion.
    case protected(ResourceID)
    case tooYoung(ResourceID, until: Timestamp)
    case prefixInUse(container: String, prefix: String, by: ResourceID)
    case sourceInUse(path: String, by: ResourceID)
    case deviceInUse(path: String, device: UInt64, by: ResourceID)
    /// The parent of a backup cannot be one; no status means that there is no such backup of the volume.
    case parentUnavailable(ResourceID, status: BackupStatus?)

    case missingAncestor(of: ResourceID, missing: ResourceID)
    case foreignAncestor(ResourceID, volumeID: ResourceID, expected: ResourceID)
    case unusableAncestor(ResourceID, status: BackupStatus)
    case ancestorLoop([ResourceID])

    /// Another request was made under this key.
    case keyReused(String)
    case tooManyKeys(limit: Int)
    /// As many backups and restores wait for their turn as may.
    case tooManyJobs(limit: Int)

    /// A text holds a NUL character, which no column keeps.
    case textWithNUL(column: String)

    case newerSchema(found: Int, known: Int)
    case damaged(path: String, reason: String)
    case inUse(path: String)
    case notDurable(journalMode: String, synchronous: Int)
    case storage(String)

    package var description: String {
        switch self {
        case .backupNotFound(let id): "backup \(id) could not be found"
        case .volumeNotFound(let id): "volume \(id) could not be found"
        case .backupExists(let id): "there is a backup \(id) already"
        case .volumeExists(let id): "there is a volume \(id) already"
        case .invalidStatus(let id, let found, let expected):
            "backup \(id) is \(found.rawValue), but must be \(expected.map(\.rawValue).joined(separator: " or "))"
        case .resetRefused(let id, let status):
            "the status of backup \(id) can be reset to available or error, not to \(status.rawValue)"
        case .volumeBusy(let id, let status): "volume \(id) is \(status.rawValue)"
        case .hasChildren(let id, let count):
            "\(count) incremental \(count == 1 ? "backup exists" : "backups exist") for backup \(id)"
        case .protected(let id): "backup \(id) is protected: it is kept until \"protected\" is set to false"
        case .tooYoung(let id, let time):
            "backup \(id) is protected until \(time.iso8601)Z: it has not reached backup.minimum_age"
        case .prefixInUse(let container, let prefix, let id):
            "the objects \(prefix) in container \(container) belong to backup \(id)"
        case .sourceInUse(let path, let id): "\(path) is volume \(id) already"
        case .deviceInUse(let path, let device, let id):
            "\(path) leads to device number \(device), which is volume \(id) already"
        case .parentUnavailable(let id, let status?):
            "the parent backup \(id) is \(status.rawValue), but must be available or restoring"
        case .parentUnavailable(let id, nil): "the parent \(id) is no backup of the same volume"
        case .missingAncestor(let id, let missing): "backup \(id) needs its parent \(missing), which does not exist"
        case .foreignAncestor(let id, let volumeID, let expected):
            "the ancestor \(id) is a backup of volume \(volumeID), not of volume \(expected)"
        case .unusableAncestor(let id, let status): "the ancestor \(id) is \(status.rawValue)"
        case .ancestorLoop(let ids):
            "the parents form a loop: \(ids.map(\.text).joined(separator: ", "))"
        case .keyReused(let key): "the Idempotency-Key \(key) was used for another request"
        case .tooManyKeys(let limit): "\(limit) idempotency keys were used within a day, which is all that are kept"
        case .tooManyJobs(let limit): "at most \(limit) backups and restores may wait for their turn, and as many do"
        case .textWithNUL(let column): "\(column) holds a NUL character"
        case .newerSchema(let found, let known):
            "the catalog has schema version \(found), written by a later release; this one knows \(known)"
        case .damaged(let path, let reason): "\(path) is damaged or not a database (\(reason))"
        case .inUse(let path): "\(path) is in use by another process"
        case .notDurable(let journal, let synchronous):
            "SQLite does not wait for the disk (journal_mode \(journal), synchronous \(synchronous))"
        case .storage(let reason): "the catalog could not be read or written (\(reason))"
        }
    }

    init(_ error: any Error) {
        switch error {
        case let error as CatalogError: self = error
        // Without the statement: it may hold what users wrote.
        case let error as DatabaseError:
            self = .storage("\(error.message ?? "no message"), SQLite error \(error.extendedResultCode.rawValue)")
        default: self = .storage("\(error)")
        }
    }

    init(opening path: String, _ error: any Error) {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_NOTADB?, .SQLITE_CORRUPT?:
            self = .damaged(path: path, reason: (error as? DatabaseError)?.message ?? "no message")
        case .SQLITE_BUSY?, .SQLITE_LOCKED?: self = .inUse(path: path)
        default: self.init(error)
        }
    }
}
