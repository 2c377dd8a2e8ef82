// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import TestSupport
import Testing

struct DeletionTests {
    private let memory = MemoryObjectStore()
    private let chain: BackupChain

    init() throws {
        chain = try BackupChain(memory)
        var random = SeededGenerator(seed: 15)
        try SeededVolume(patterns: [.noise, .text], of: 200_000, using: &random)
            .write(to: chain.path("volume"), using: &random)
    }

    private func delete(_ location: LayerLocation) throws {
        try chain.engine.deleteObjects(of: location.backupID, location.names, in: location.container)
    }

    @Test(arguments: ["whole", "no metadata", "damaged metadata", "other version", "empty metadata"])
    func `removes exactly its own objects`(_ state: String) throws {
        let location = try chain.backUp(chain.path("volume"), at: chain.newLocation(container: "mine")).layers[0]
        let names = location.names
        let foreign = [
            names.prefix, "\(names.prefix).bak", "\(names.prefix)-00001.tmp", "\(names.prefix)-000001",
            "\(names.prefix)-0001", "\(names.prefix)-0x001", "\(names.prefix)-+0001", "\(names.prefix)-00000",
            "\(names.prefix)_metadata2", "\(names.prefix)_metadat", "\(names.prefix)-00001-00001",
            "\(names.prefix)-\u{0661}\u{0661}\u{0661}\u{0661}\u{0661}", "x\(names.prefix)-00001", "other",
        ]
        for name in foreign { try memory.put([1], name, "mine") }
        switch state {
        case "no metadata": try memory.put(nil, names.metadata, "mine")
        case "damaged metadata":
            try memory.put(memory[names.metadata, in: "mine"]?.dropLast(2), names.metadata, "mine")
        case "other version":
            try memory.put(Array(#"{"version": "2.0.0", "objects": []}"#.utf8), names.metadata, "mine")
        case "empty metadata": try memory.put([], names.metadata, "mine")
        default: break
        }
        try delete(location)
        #expect(try memory.names(in: "mine") == foreign.sorted())
        try delete(location)  // again: no harm
        #expect(try memory.names(in: "mine") == foreign.sorted())
    }

    @Test func `another backup in the same container stays`() throws {
        let first = try chain.backUp(chain.path("volume"), at: chain.newLocation(container: "mine")).layers[0]
        let second = try chain.backUp(
            chain.path("volume"), isFull: true, at: chain.newLocation(container: "mine"))
        try delete(first)
        #expect(try memory.names(in: "mine").allSatisfy { $0.hasPrefix(second.layers[0].names.prefix) })
        #expect(try !chain.restore(second.layers).isEmpty)
        // The container is a client's, and stays even when it is empty.
        try delete(second.layers[0])
        #expect(memory.hasContainer("mine"))
        #expect(try memory.names(in: "mine").isEmpty)
    }

    @Test func `metadata that list what belongs to others remove nothing of theirs`() throws {
        let victim = try chain.backUp(chain.path("volume"), at: chain.newLocation(container: "mine")).layers[0]
        let attacker = chain.newLocation(container: "mine")
        let text = try #require(try memory[victim.names.metadata, in: "mine"])
        try memory.put(text, attacker.names.metadata, "mine")
        let before = try memory.names(in: "mine")
        try delete(attacker)
        #expect(try memory.names(in: "mine") == before.filter { $0 != attacker.names.metadata })
    }

    @Test func `an empty prefix removes nothing`() throws {
        let point = try chain.backUp(chain.path("volume"), at: chain.newLocation(container: "mine"))
        let before = memory.contents
        #expect(throws: EngineError.emptyPrefix) {
            try chain.engine.deleteObjects(
                of: point.layers[0].backupID, ObjectNames(prefix: ""), in: "mine")
        }
        #expect(throws: EngineError.emptyPrefix) {
            let id = point.layers[0].backupID
            _ = try chain.engine.openChain([
                LayerLocation(backupID: id, container: "mine", names: ObjectNames(prefix: ""))
            ])
        }
        #expect(memory.contents == before)
    }

    @Test func `the directories of the default layout go with their last backup`() throws {
        let scratch = try TemporaryDirectory()
        let repository = try scratch.directory("repository")
        let chain = try BackupChain(PosixObjectStore(path: repository))
        let path = self.chain.path("volume")
        let point = try chain.backUp(path)
        let own = try chain.backUp(path, isFull: true, at: chain.newLocation(container: "client/own"))
        let first = point.layers[0]
        try chain.engine.deleteObjects(of: first.backupID, first.names, in: first.container)
        let second = own.layers[0]
        try chain.engine.deleteObjects(of: second.backupID, second.names, in: second.container)
        #expect(try tree(repository) == ["client", "client/own"])
    }
}
