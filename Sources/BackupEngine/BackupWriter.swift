// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage
import Synchronization

/// Writes the objects of one backup, data from several threads at a time, and remembers which it has made: a backup that
/// fails takes away these, and nothing else.
final class BackupWriter: Sendable {
    private let names: ObjectNames
    private let container: String
    private let base: any ContainerWriter
    private let made = Mutex(Made())

    private struct Made {
        /// Data objects.
        var numbers = NumberSet()
        var others: Set<String> = []

        var count: Int { numbers.count + others.count }
    }

    /// - Parameter base: Opened on `container`.
    init(_ base: any ContainerWriter, _ names: ObjectNames, in container: String) {
        self.base = base
        self.names = names
        self.container = container
    }

    // MARK: - Making

    func put(_ number: Int64, _ bytes: UnsafeRawBufferPointer) throws {
        try make(number) { try base.put($0, bytes) }
    }

    func putZeros(_ number: Int64, length: Int64) throws {
        try make(number) { try base.putZeros($0, length: length) }
    }

    private func make(_ number: Int64, _ put: (String) throws -> Void) throws {
        var failure: (any Error)?
        do {
            try put(names.data(number))
        } catch let error as UnremovedObject {
            failure = error.reason
        }
        _ = made.withLock { $0.numbers.insert(number) }
        if let failure { throw failure }
    }

    func beginDigestList() throws -> DigestListStream {
        try DigestListStream(make(names.sha256file) { try base.beginStream($0) })
    }

    private func make<Result>(_ name: String, _ put: (String) throws -> Result) throws -> Result {
        do {
            let result = try put(name)
            _ = made.withLock { $0.others.insert(name) }
            return result
        } catch let error as UnremovedObject {
            _ = made.withLock { $0.others.insert(error.name) }
            throw error.reason
        }
    }

    func makeDurable() throws { try base.makeDurable() }

    /// - Throws: `StorageError.containerReplaced`.
    func checkPlace() throws { try base.checkPlace() }

    /// Stores the metadata object, which makes the backup complete.
    /// - Throws: `EngineError.completionInDoubt` when it may be there nevertheless: then everything must stay as it is.
    func putMetadata(_ write: (_ put: @escaping PythonJSON.Sink) throws -> Void) throws {
        do {
            try make(names.metadata) { try base.putDurably($0, write) }
        } catch StorageError.mayBeStored(let name, let container, let reason) {
            throw EngineError.completionInDoubt(name: name, container: container, reason: reason)
        }
    }

    // MARK: - Looking

    /// Sees whether the container holds what was made, each object as long as it was made, and nothing else under the prefix:
    /// one listing, and one look at each.
    /// - Parameters:
    ///   - objects: All data objects, numbered from 1 on.
    ///   - listBytes: The length of the sha256file.
    func check(_ objects: Spool<ObjectEntry>, listBytes: Int64, control: JobControl) throws {
        var unseen = try listedNumbers(upTo: Int64(objects.count), control)
        try check(names.sha256file, isListed: unseen.remove(0), length: listBytes)
        try objects.forEach { object in
            try control.stopIfAbandoned()
            try check(
                names.data(object.number), isListed: unseen.remove(object.number), length: object.storedLength)
        }
    }

    /// The data objects in the container, and 0 for the sha256file.
    private func listedNumbers(upTo count: Int64, _ control: JobControl) throws -> NumberSet {
        var listed = NumberSet()
        try base.forEachName(beginningWith: names.prefix) { name in
            try control.stopIfAbandoned()
            let number = name == names.sha256file ? 0 : names.number(of: name)
            guard let number, number <= count else {
                throw EngineError.strangeObject(name: name, container: container)
            }
            _ = listed.insert(number)
        }
        return listed
    }

    private func check(_ name: String, isListed: Bool, length: Int64?) throws {
        guard isListed, let found = try base.storedLength(of: name) else {
            throw EngineError.vanishedObject(name: name, container: container)
        }
        guard let length, found == length else {
            throw EngineError.alteredObject(name: name, container: container, stored: length ?? 0, found: found)
        }
    }

    // MARK: - Taking back

    /// Removes all that was made, as far as it can; answers what the backup is to fail with.
    ///
    /// A removal that a power cut undoes does no harm: what is there again goes when the backup is deleted.
    func removeAll(because reason: any Error) -> any Error {
        made.withLock { made in
            do {
                try made.numbers.removeAll { try base.remove(names.data($0)) }
                while let name = made.others.first {
                    try base.remove(name)
                    made.others.remove(name)
                }
            } catch {
                return LeftoverObjects(
                    reason: reason, container: container, count: made.count,
                    first: made.numbers.first.map(names.data) ?? made.others.first ?? "", removal: error)
            }
            _ = try? base.synchronizeRemovals()
            return reason
        }
    }
}
