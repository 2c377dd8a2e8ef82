// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// Where a backup of a chain is found.
package struct LayerLocation: Sendable, Equatable {
    package let backupID: ResourceID
    package let container: String
    package let names: ObjectNames

    package init(backupID: ResourceID, container: String, names: ObjectNames) {
        self.backupID = backupID
        self.container = container
        self.names = names
    }
}

/// One backup of a chain, its object list read and compared with what the store holds.
struct RestoreLayer: Sendable {
    let location: LayerLocation
    let container: any ContainerReader
    let metadata: BackupMetadata
    /// The objects of all layers of the chain, in one list, and which of them are this one's.
    let objects: Spool<ObjectEntry>
    let ownObjects: Range<Int>
    /// The list cut into runs of ascending offsets without overlap; a later run is newer. One run, but for
    /// lists that no backup driver writes.
    let runs: [Range<Int>]
    /// The furthest byte any object reaches.
    let end: Int64
}

extension Engine {
    /// Reads a backup's metadata object and checks it against the store: the same names, each once.
    /// - Throws: `EngineError`, `StorageError`, `SystemCallError`.
    func readLayer(
        _ location: LayerLocation, into objects: Spool<ObjectEntry>, control: JobControl
    ) throws -> RestoreLayer {
        guard !location.names.prefix.isEmpty else { throw EngineError.emptyPrefix }
        var listed = NumberSet()
        let first = objects.count
        var runs = RunCutter(first: first)
        var end: Int64 = 0
        let metadata = try readMetadata(location) { object in
            try control.stopIfAbandoned()
            guard let number = location.names.number(of: object.name) else {
                throw EngineError.foreignObject(name: object.name, listedBy: location.names.metadata)
            }
            guard listed.insert(number) else { throw EngineError.duplicateObject(name: object.name) }
            guard listed.isBounded else {
                throw EngineError.badMetadata(
                    name: location.names.metadata, reason: "the numbers of its objects are too far apart")
            }
            runs.add(object.offset..<object.offset + object.length)
            // Each run is a pass over the whole map.
            guard runs.count <= RunCutter.limit else {
                throw EngineError.badMetadata(
                    name: location.names.metadata, reason: "its objects are in no order that a backup would write")
            }
            end = max(end, object.offset + object.length)
            try objects.append(
                ObjectEntry(
                    number: number, offset: object.offset, length: object.length, md5: object.md5,
                    compression: object.compression))
        }
        try compareWithStore(listed, location, control)
        return RestoreLayer(
            location: location, container: try store.openForReading(location.container), metadata: metadata,
            objects: objects, ownObjects: first..<objects.count,
            runs: runs.finish(), end: end)
    }

    /// Makes sure that a backup is complete: a metadata object that can be read, and exactly the objects it lists.
    package func checkObjects(at location: LayerLocation, control: JobControl = JobControl()) throws {
        _ = try readLayer(location, into: spool(), control: control)
    }

    /// Reads a metadata object as a stream.
    package func readMetadata(
        _ location: LayerLocation, object body: (StoredObject) throws -> Void
    ) throws -> BackupMetadata {
        let name = location.names.metadata
        let object = try store.open(name, in: location.container)
        do {
            return try BackupMetadata(from: JSONReader { try object.read(into: $0) }, object: body)
        } catch let error as JSONError {
            throw EngineError.badMetadata(name: name, reason: error.description)
        } catch let error as FormatError {
            throw EngineError.badMetadata(name: name, reason: error.description)
        }
    }

    private func compareWithStore(
        _ listed: consuming NumberSet, _ location: LayerLocation, _ control: JobControl
    ) throws {
        let names = location.names
        var missing = listed
        try store.forEachName(in: location.container, beginningWith: names.prefix) { name in
            try control.stopIfAbandoned()
            if name == names.metadata || name == names.sha256file { return }
            guard let number = names.number(of: name), missing.remove(number) else {
                throw EngineError.unlistedObject(name: name, container: location.container)
            }
        }
        if let number = missing.first {
            throw EngineError.missingObject(name: names.data(number), container: location.container)
        }
    }
}

/// Cuts a list of ranges into runs of ascending ranges that do not overlap.
struct RunCutter {
    static let limit = 1000

    private var runs: [Range<Int>] = []
    private var start: Int
    private var objects: Int
    private var end: Int64 = 0

    /// `first`: the index of the first object.
    init(first: Int = 0) {
        start = first
        objects = first
    }

    mutating func add(_ range: Range<Int64>) {
        if range.lowerBound < end {
            runs.append(start..<objects)
            start = objects
        }
        end = range.upperBound
        objects += 1
    }

    var count: Int { runs.count + (objects > start ? 1 : 0) }

    consuming func finish() -> [Range<Int>] {
        if objects > start { runs.append(start..<objects) }
        return runs
    }
}
