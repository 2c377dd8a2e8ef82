// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage
import Posix

/// What a look at the metadata object of a backup that did not report its end has shown.
package enum Completion: Sendable, Equatable {
    /// There is none: the backup was not completed.
    case missing
    /// It is there, and with it every object that it lists: the backup is complete, and durable.
    case complete(CompleteBackup)
    /// It is there, and is not that of a complete backup written by the catalog that looks.
    case unusable(reason: String)
}

/// A complete backup, by what its metadata object says.
package struct CompleteBackup: Sendable, Equatable {
    package let location: LayerLocation
    package var metadata: BackupMetadata
    /// Data objects.
    package let objectCount: Int
    /// Bytes of the data objects as stored; nil where the metadata object does not say.
    package let storedBytes: Int64?
    /// What its objects are packed with, where one is.
    package let compression: String?
}

extension Engine {
    /// Looks whether a backup that did not report its end is complete all the same.
    /// - Parameter writer: The catalog that looks: what another one wrote is not its own. A metadata object that names no
    ///   writer is that of whoever knows its place.
    /// - Throws: what says nothing about the backup: a repository that cannot be read. Then nobody knows.
    package func completion(of location: LayerLocation, writer: String) throws -> Completion {
        do {
            let backup = try completeBackup(at: location)
            if let found = backup.metadata.writer, found != writer {
                return .unusable(reason: "its metadata object was written for another catalog (\(found))")
            }
            // A name that is not durable might be gone after the next power cut.
            try store.synchronize(location.names.metadata, in: location.container)
            return .complete(backup)
        } catch StorageError.objectNotFound(name: location.names.metadata, _) {
            return .missing
        } catch let error as EngineError {
            return .unusable(reason: "\(error)")
        } catch let error as StorageError {
            return .unusable(reason: "\(error)")
        }
    }

    /// Reads a metadata object, and compares its list with the store.
    /// - Throws: `EngineError`, `StorageError`, `SystemCallError`.
    package func completeBackup(at location: LayerLocation) throws -> CompleteBackup {
        let objects: Spool<ObjectEntry> = spool()
        let layer = try readLayer(location, into: objects, control: JobControl())
        guard layer.metadata.backupID == location.backupID.text else {
            throw EngineError.badMetadata(
                name: location.names.metadata,
                reason: "it is that of backup \(layer.metadata.backupID), not of \(location.backupID)")
        }
        var storedBytes: Int64? = 0
        var compression = Compression.none
        try objects.forEach { object in
            if object.compression != .none { compression = object.compression }
            guard let length = object.storedLength, let sum = storedBytes else { return storedBytes = nil }
            storedBytes = sum.addingReportingOverflow(length).partialValue
        }
        return CompleteBackup(
            location: location, metadata: layer.metadata, objectCount: objects.count, storedBytes: storedBytes,
            compression: objects.isEmpty ? nil : compression.name)
    }

    /// Whether the metadata object of a backup is there.
    package func hasMetadata(at location: LayerLocation) throws -> Bool {
        do {
            _ = try store.open(location.names.metadata, in: location.container)
            return true
        } catch StorageError.objectNotFound {
            return false
        } catch StorageError.notAFile {
            return true
        }
    }

    /// Whether anything is there that a deletion of the backup would remove.
    package func holdsAnything(of names: ObjectNames, in container: String) throws -> Bool {
        var found = false
        try store.forEachName(in: container, beginningWith: names.prefix) { name in
            found = found || names.isOwn(name)
        }
        return found
    }

    /// Goes through the repository and calls `body` with each complete backup in it whose place `isKnown` does not know.
    /// - Parameter failed: what could not be read of a place, for the log; the rest goes on.
    /// - Throws: what fails in listing; `EngineError.cancelled`; what the closures throw.
    package func forEachUnknownBackup(
        control: JobControl, isKnown: (_ container: String, _ prefix: String) throws -> Bool,
        failed: (_ place: String, any Error) -> Void, _ body: (CompleteBackup) throws -> Void
    ) throws {
        try store.forEachContainer { container in
            try control.stopIfAbandoned()
            var prefixes: [String] = []
            try store.forEachName(in: container, beginningWith: "") { name in
                if let prefix = ObjectNames.prefix(ofMetadata: name) { prefixes.append(prefix) }
            }
            for prefix in prefixes where try !isKnown(container, prefix) {
                try control.stopIfAbandoned()
                do {
                    try body(try unknownBackup(ObjectNames(prefix: prefix), in: container))
                } catch let error where Self.isOfObjects(error) {
                    failed("\(container)/\(prefix)", error)
                }
            }
        }
    }

    private func unknownBackup(_ names: ObjectNames, in container: String) throws -> CompleteBackup {
        let object = try store.open(names.metadata, in: container)
        let metadata: BackupMetadata
        do {
            metadata = try BackupMetadata(from: JSONReader(reading: object)) { _ in }
        } catch {
            throw EngineError.badMetadata(name: names.metadata, reason: "\(error)")
        }
        guard let id = ResourceID(metadata.backupID) else {
            throw EngineError.badMetadata(name: names.metadata, reason: "its backup_id is no UUID")
        }
        return try completeBackup(at: LayerLocation(backupID: id, container: container, names: names))
    }

    /// Whether an error is about what was read, and not about the work as a whole.
    private static func isOfObjects(_ error: any Error) -> Bool {
        error is SystemCallError || error is StorageError || error is EngineError && error as? EngineError != .cancelled
    }
}
