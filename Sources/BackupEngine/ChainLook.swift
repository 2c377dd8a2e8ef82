// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage
import Posix
import SystemPackage

/// A backup of which something is missing, or is not what it should be.
package struct DamagedBackup: Sendable, Equatable {
    package let id: ResourceID
    package let reason: String

    package init(id: ResourceID, reason: String) {
        self.id = id
        self.reason = reason
    }
}

extension Engine {
    /// Looks at a chain that an increment is to stand on, from the full backup to the parent, whose digests must be there,
    /// too. No data are read.
    /// - Returns: the backups that can be restored no more, oldest first.
    /// - Throws: whatever is no damage: an error of the disk or the network says nothing of what is behind it.
    package func damagedBackups(in chain: [LayerLocation], control: JobControl) throws -> [DamagedBackup] {
        var damaged: [DamagedBackup] = []
        for location in chain {
            try control.checkpoint()
            do {
                try look(at: location, control)
                if location == chain.last { try lookAtDigests(of: location) }
            } catch  where isDamage(error) {
                damaged.append(DamagedBackup(id: location.backupID, reason: "\(error)"))
            }
        }
        return damaged
    }

    /// Makes sure that a backup is complete: a metadata object that can be read and is its own, and exactly the objects it
    /// lists, as long as they must be where that is known.
    /// - Throws: `EngineError`, `StorageError`, `SystemCallError`.
    package func checkObjects(at location: LayerLocation, control: JobControl = JobControl()) throws {
        try look(at: location, control)
    }

    private func look(at location: LayerLocation, _ control: JobControl) throws {
        guard !location.names.prefix.isEmpty else { throw EngineError.emptyPrefix }
        let container = try store.openForReading(location.container)
        var listed = ListedNumbers(location.names)
        _ = try readMetadata(location) { object in
            try control.stopIfAbandoned()
            _ = try listed.add(object)
            try checkLength(of: object, in: container)
        }
        try compareWithStore(listed, location, control)
    }

    private func checkLength(of object: StoredObject, in container: any ContainerReader) throws {
        let length = try container.storedLength(of: object.name)
        let unpacked = object.compression.algorithm == .none ? object.length : nil
        for expected in [unpacked, object.storedLength].compactMap({ $0 }) where length != expected {
            throw EngineError.corruptObject(
                name: object.name, reason: "it is \(length) bytes long instead of \(expected)")
        }
        if length == 0, object.length > 0 { throw EngineError.corruptObject(name: object.name, reason: "it is empty") }
    }

    /// As far as the first digest.
    private func lookAtDigests(of location: LayerLocation) throws {
        let name = location.names.sha256file
        let object = try store.open(name, in: location.container)
        _ = try readingDigestList(name) { try DigestListReader(JSONReader(reading: object)) }
    }
}

/// Whether what was found, or not found, is the fault of the backup.
private func isDamage(_ error: any Error) -> Bool {
    switch error {
    case let error as EngineError:
        switch error {
        case .emptyPrefix, .badMetadata, .badDigestList, .recordDisagrees, .foreignObject, .duplicateObject,
            .missingObject, .unlistedObject, .corruptObject:
            true
        default: false
        }
    case let error as StorageError:
        switch error {
        case .objectNotFound, .notAFile, .badObjectName, .badContainerName: true
        default: false
        }
    // Something else stands where a directory was.
    case let error as SystemCallError: error.isMissing || error.errno == .tooManySymbolicLinkLevels
    default: false
    }
}
