// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// One backup of a chain, its object list read and compared with what the store holds.
struct RestoreLayer: Sendable {
    let location: LayerLocation
    var metadata: BackupMetadata
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
        var listed = ListedNumbers(location.names)
        let first = objects.count
        var runs = RunCutter(first: first)
        var end: Int64 = 0
        let metadata = try readMetadata(location) { object in
            try control.stopIfAbandoned()
            let number = try listed.add(object)
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
                    compression: object.compression, storedLength: object.storedLength))
        }
        try compareWithStore(listed, location, control)
        return RestoreLayer(
            location: location, metadata: metadata, objects: objects, ownObjects: first..<objects.count,
            runs: runs.finish(), end: end)
    }

    /// Reads a metadata object as a stream.
    /// - Throws: `EngineError.recordDisagrees` when it is not that of this backup.
    package func readMetadata(
        _ location: LayerLocation, object body: (StoredObject) throws -> Void
    ) throws -> BackupMetadata {
        let name = location.names.metadata
        let object = try store.open(name, in: location.container)
        do {
            let metadata = try BackupMetadata(from: JSONReader(reading: object), object: body)
            try location.check(metadata)
            return metadata
        } catch let error as JSONError {
            throw EngineError.badMetadata(name: name, reason: error.description)
        } catch let error as FormatError {
            throw EngineError.badMetadata(name: name, reason: error.description)
        }
    }

    /// Makes sure that the store holds the objects that are listed, and no other of this backup's.
    func compareWithStore(
        _ listed: consuming ListedNumbers, _ location: LayerLocation, _ control: JobControl
    ) throws {
        let names = location.names
        var missing = listed.numbers
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

/// The numbers of the objects that a metadata object lists: objects of this backup, each once.
struct ListedNumbers {
    private(set) var numbers = NumberSet()
    private let names: ObjectNames

    init(_ names: ObjectNames) { self.names = names }

    /// Answers the number of the object.
    mutating func add(_ object: StoredObject) throws -> Int64 {
        guard let number = names.number(of: object.name) else {
            throw EngineError.foreignObject(name: object.name, listedBy: names.metadata)
        }
        guard numbers.insert(number) else { throw EngineError.duplicateObject(name: object.name) }
        guard numbers.isBounded else {
            throw EngineError.badMetadata(
                name: names.metadata, reason: "the numbers of its objects are too far apart")
        }
        return number
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
