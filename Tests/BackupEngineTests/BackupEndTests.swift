// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage
import TestSupport
import Testing

@testable import BackupEngine

/// What happens between the last chunk of a backup and the metadata object that makes it complete, and what is left when
/// that object is not written.
struct BackupEndTests {
    private let memory = MemoryObjectStore()
    private let chain: BackupChain
    private let volume: [UInt8]
    private let location: LayerLocation
    /// Something of somebody else's.
    private let neighbour: [String: [String: [UInt8]]]

    init() throws {
        chain = try BackupChain(memory)
        var random = SeededGenerator(seed: 31)
        let volume = SeededVolume(patterns: [.noise, .zeros, .text, .noise], of: 300_001, using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        self.volume = volume.bytes
        location = chain.newLocation(container: "mine")
        try memory.put([1, 2, 3], "notes.txt", "mine")
        neighbour = memory.contents
    }

    @discardableResult
    private func backUp(
        on store: (any ObjectStore)? = nil, control: JobControl = JobControl(), catalog: String? = nil,
        volumeMeta: () throws -> String? = { nil }, confirm: () throws -> Void = {}
    ) throws -> BackupChain.Point {
        try chain.continued(on: store ?? memory).backUp(
            chain.path("volume"), Compression(.zlib), at: location, control: control, catalog: catalog,
            volumeMeta: volumeMeta, confirm: confirm)
    }

    private func metadata() throws -> (metadata: BackupMetadata, objects: [StoredObject]) {
        var objects: [StoredObject] = []
        let metadata = try chain.engine.readMetadata(location) { objects.append($0) }
        return (metadata, objects)
    }

    // MARK: - What it says

    @Test func `the metadata object names the digest of the list, and the length of each object`() throws {
        try backUp()
        let (metadata, objects) = try metadata()
        let list = try #require(try memory[location.names.sha256file, in: "mine"])
        #expect(try metadata.listDigest == list.withUnsafeBytes { try SHA256Hasher().digest(of: $0) })
        #expect(metadata.writer == nil)
        #expect(objects.count > 3)
        for object in objects {
            #expect(try object.storedLength == memory[object.name, in: "mine"].map { Int64($0.count) }, "\(object)")
        }
    }

    @Test func `it names who has made it, where that was said`() throws {
        try backUp(catalog: "0a6b\"\u{e9}")
        #expect(try metadata().metadata.writer == "0a6b\"\u{e9}")
    }

    // MARK: - The last look

    enum Change: CaseIterable {
        case shorterObject, longerObject, emptyObject, noObject, shorterList, noList
        case stranger, strangerWithNumber, metadata
    }

    @Test(arguments: Change.allCases)
    func `a container that does not hold what was stored makes no backup`(_ change: Change) throws {
        let names = location.names
        let (second, list) = (names.data(2), names.sha256file)
        var strangers: [String: [UInt8]] = [:]
        func changed(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
            var bytes = try #require(try memory[name, in: "mine"])
            change(&bytes)
            try memory.put(bytes, name, "mine")
        }
        let error = #expect(throws: EngineError.self) {
            // Everything is stored by now, and nothing of it was looked at.
            try backUp(volumeMeta: {
                switch change {
                case .shorterObject: try changed(second) { $0.removeLast() }
                case .longerObject: try changed(second) { $0.append(0) }
                case .emptyObject: try changed(second) { $0 = [] }
                case .noObject: try memory.put(nil, second, "mine")
                case .shorterList: try changed(list) { $0.removeLast() }
                case .noList: try memory.put(nil, list, "mine")
                case .stranger: strangers[names.prefix + ".bak"] = [7]
                case .strangerWithNumber: strangers[names.data(99_999)] = [7]
                case .metadata: strangers[names.metadata] = [7]
                }
                for (name, bytes) in strangers { try memory.put(bytes, name, "mine") }
                return nil
            })
        }
        switch (change, error) {
        case (.shorterObject, .alteredObject(second, "mine", let stored, let found)): #expect(found == stored - 1)
        case (.longerObject, .alteredObject(second, "mine", let stored, let found)): #expect(found == stored + 1)
        case (.emptyObject, .alteredObject(second, "mine", _, found: 0)): break
        case (.noObject, .vanishedObject(second, "mine")): break
        case (.shorterList, .alteredObject(list, "mine", let stored, let found)): #expect(found == stored - 1)
        case (.noList, .vanishedObject(list, "mine")): break
        case (.stranger, .strangeObject(let name, "mine")), (.strangerWithNumber, .strangeObject(let name, "mine")),
            (.metadata, .strangeObject(let name, "mine")):
            #expect(strangers.keys.contains(name))
        default: Issue.record("\(change) gave \(String(describing: error))")
        }
        // What this backup made is gone; what came from elsewhere is not.
        #expect(try memory.names(in: "mine") == (["notes.txt"] + strangers.keys).sorted())
    }

    @Test func `names that begin with another prefix are nobody's business`() throws {
        try memory.put([1], "x" + location.names.data(1), "mine")
        let point = try backUp()
        #expect(try chain.restore(point.layers) == volume)
    }

    @Test func `all bytes of the volume are done, or it fails`() throws {
        var progress = JobProgress(phase: .reading, bytesTotal: 10)
        for bytesDone: Int64 in [0, 9, 11] {
            progress.bytesDone = bytesDone
            #expect(throws: EngineError.notWhole(bytesDone: bytesDone, bytesTotal: 10)) { try progress.checkWhole() }
        }
        progress.bytesDone = 10
        try progress.checkWhole()
        let meter = ProgressMeter(JobProgress(phase: .restoring, bytesTotal: 10)) { _ in }
        meter.add(bytes: 9)
        meter.finish()
        #expect(throws: EngineError.notWhole(bytesDone: 9, bytesTotal: 10)) { try meter.checkWhole() }
        meter.add(bytes: 1)
        meter.finish()
        try meter.checkWhole()
    }

    // MARK: - The last word

    @Test func `the last word comes after everything else, and before the metadata object`() throws {
        let store = FaultyObjectStore(memory)
        var before: [FaultyObjectStore.Operation] = []
        try backUp(on: store, confirm: { before = store.operations })
        #expect(before.suffix(2) == [.storedLength, .checkPlace])
        #expect(before.contains(.makeDurable))
        #expect(Array(store.operations[before.count...].prefix(1)) == [.putDurably])
        let point = try #require(try metadata().objects.last)
        #expect(before.count { $0 == .storedLength } == Int(try #require(location.names.number(of: point.name))) + 1)
    }

    @Test func `who has the last word may refuse, and nothing is left`() throws {
        #expect(throws: StorageFault()) { try backUp(confirm: { throw StorageFault() }) }
        #expect(memory.contents == neighbour)
    }

    // MARK: - What is left

    @Test(arguments: ["data", "list", "metadata"])
    func `a name that is taken fails the backup, and stays as it is`(_ kind: String) throws {
        let names = location.names
        let name = ["data": names.data(2), "list": names.sha256file, "metadata": names.metadata][kind] ?? ""
        try memory.put([9, 9], name, "mine")
        let before = memory.contents
        let expected: any Error & Equatable =
            kind == "metadata"
            ? EngineError.strangeObject(name: name, container: "mine")
            : StorageError.nameTaken(name: name, container: "mine")
        let error = #expect(throws: (any Error).self) { try backUp() }
        #expect(error.map { "\($0)" } == "\(expected)")
        #expect(memory.contents == before)
    }

    @Test func `a metadata object that comes in the last moment stays, too`() throws {
        let name = location.names.metadata
        #expect(throws: StorageError.nameTaken(name: name, container: "mine")) {
            try backUp(confirm: { try memory.put([9], name, "mine") })
        }
        #expect(try memory.names(in: "mine") == ["notes.txt", name].sorted())
        #expect(try memory[name, in: "mine"] == [9])
    }

    @Test func `what cannot be removed is told, with the reason of the failure`() throws {
        for removed in 0..<3 {
            let store = FaultyObjectStore(memory, fault: .init([.remove], number: removed, forever: true))
            let leftovers = #expect(throws: LeftoverObjects.self) {
                try backUp(on: store, confirm: { throw EngineError.cancelled })
            }
            let left = try memory.names(in: "mine").filter { $0 != "notes.txt" }
            #expect(leftovers?.reason as? EngineError == .cancelled)
            #expect(leftovers?.removal is StorageFault)
            #expect(leftovers?.count == left.count && left.count > 2)
            #expect(leftovers?.first == location.names.data(Int64(removed) + 1))
            #expect(leftovers?.description.hasPrefix("cancelled; \(left.count) of its objects are left") == true)
            try chain.engine.deleteObjects(of: location.backupID, location.names, in: "mine")
            #expect(memory.contents == neighbour)
        }
    }

    /// The store itself could not take back what it had begun: that name is ours as well.
    @Test(arguments: [FaultyObjectStore.Operation.put, .beginStream, .putDurably])
    func `what a store has left behind is removed later`(_ operation: FaultyObjectStore.Operation) throws {
        let names = location.names
        let name =
            operation == .put ? names.data(1) : operation == .beginStream ? names.sha256file : ".tmp-w-metadata"
        let fault = UnremovedObject(name: name, reason: StorageFault(), removal: EngineError.cancelled)
        try memory.put([1], name, "mine")
        let store = FaultyObjectStore(memory, fault: .init([operation], number: 0, forever: true, error: fault))
        #expect(throws: StorageFault()) { try backUp(on: store) }
        #expect(memory.contents == neighbour)
    }

    @Test func `nothing is removed while the backup may be complete`() throws {
        let doubt = StorageError.mayBeStored(name: location.names.metadata, container: "mine", reason: "EIO")
        let store = FaultyObjectStore(memory, fault: .init([.putDurably], number: 0, error: doubt))
        #expect(
            throws: EngineError.completionInDoubt(
                name: location.names.metadata, container: "mine", reason: "EIO")
        ) { try backUp(on: store) }
        #expect(!store.operations.contains(.remove))
        let left = try memory.names(in: "mine")
        #expect(left.contains(location.names.sha256file) && left.contains(location.names.data(1)))
    }
}
