// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

extension Engine {
    /// Removes exactly the objects of one backup, whatever state it is in, and the directories of the default
    /// layout that are empty then. Doing it again does no harm.
    ///
    /// Where there is a metadata object, the names are those that it lists; else those with the prefix and an
    /// exact number. A name that merely begins with the prefix is somebody else's. The metadata go last: until
    /// then they tell what is left to do.
    /// - Throws: `EngineError.emptyPrefix`, `StorageError`, `SystemCallError`: also for what fails in listing.
    package func deleteObjects(
        of id: ResourceID, _ names: ObjectNames, in container: String, report: (Int64) -> Void = { _ in }
    ) throws {
        guard !names.prefix.isEmpty else { throw EngineError.emptyPrefix }
        var deleted: Int64 = 0
        func delete(_ name: String) throws {
            try store.delete(name, from: container)
            deleted += 1
            report(deleted)
        }
        try forEachOwnNumber(names, in: container) { try delete(names.data($0)) }
        try store.deleteLeftovers(of: id.text, in: container)
        try delete(names.sha256file)
        try delete(names.metadata)
        try store.synchronize(container)
        try removeIfEmpty(container, of: id)
    }

    /// Removes the directories of the default layout, as far as they are empty; those that a client has chosen stay.
    package func removeIfEmpty(_ container: String, of id: ResourceID) throws {
        if container == BackupPlan.defaultContainer(of: id) { try store.removeIfEmpty(container) }
    }

    /// The numbers of this backup's data objects, gathered before any of them goes.
    private func forEachOwnNumber(_ names: ObjectNames, in container: String, _ body: (Int64) throws -> Void) throws {
        let numbers = try listedNumbers(names, in: container) ?? storedNumbers(names, in: container)
        try numbers.forEach(body)
    }

    /// By the metadata; nil when there are none, or none that can be read.
    private func listedNumbers(_ names: ObjectNames, in container: String) throws -> Spool<Int64>? {
        let numbers: Spool<Int64> = spool()
        do {
            let object = try store.open(names.metadata, in: container)
            _ = try BackupMetadata(from: JSONReader(reading: object)) { stored in
                if let number = names.number(of: stored.name) { try numbers.append(number) }
            }
            return numbers
        } catch StorageError.objectNotFound {
            return nil
        } catch is JSONError {
            return nil
        } catch is FormatError {
            return nil
        }
    }

    /// By the names in the store.
    private func storedNumbers(_ names: ObjectNames, in container: String) throws -> Spool<Int64> {
        let numbers: Spool<Int64> = spool()
        try store.forEachName(in: container, beginningWith: names.prefix + "-") { name in
            if let number = names.number(of: name) { try numbers.append(number) }
        }
        return numbers
    }
}
