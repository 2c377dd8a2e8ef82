// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import TestSupport
import Testing

/// Records whose metadata are those of another backup: Cinder's drivers once called all objects the same.
struct ForeignMetadataTests {
    private let store = MemoryObjectStore()
    private let chain: BackupChain
    private let bytes: [UInt8]

    init() throws {
        chain = try BackupChain(store)
        var random = SeededGenerator(seed: 34)
        var volume = SeededVolume(patterns: [.noise, .text], of: 100_000, using: &random)
        for _ in 0..<2 {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"))
            volume.change(.noise, 5000..<9000, using: &random)
        }
        bytes = try chain.restore(chain.points[1].layers)
    }

    private var full: LayerLocation { chain.points[1].layers[0] }
    private var child: LayerLocation { chain.points[1].layers[1] }

    private func record(_ location: LayerLocation, id: ResourceID? = nil, parent: ResourceID?) -> LayerLocation {
        LayerLocation(
            backupID: id ?? location.backupID, parentID: parent, container: location.container, names: location.names)
    }

    @Test func `a record that fits is restored`() throws {
        #expect(try chain.restore([record(full, parent: nil), record(child, parent: full.backupID)]) == bytes)
    }

    @Test func `another backup's metadata are refused, and both ids named`() throws {
        let other = ResourceID.random()
        let expected = EngineError.recordDisagrees(
            name: full.names.metadata, member: "backup_id", found: full.backupID.text, recorded: other.text)
        #expect(throws: expected) { try chain.engine.openChain([record(full, id: other, parent: nil)]) }
        #expect(expected.description.contains(other.text) && expected.description.contains(full.backupID.text))
    }

    @Test func `another parent is refused`() throws {
        let other = ResourceID.random()
        let expected = EngineError.recordDisagrees(
            name: child.names.metadata, member: "parent_id", found: full.backupID.text, recorded: other.text)
        #expect(throws: expected) { try chain.engine.openChain([full, record(child, parent: other)]) }
        #expect(throws: expected) { try chain.engine.checkObjects(at: record(child, parent: other)) }
    }

    /// What is not there contradicts nothing: metadata of 2013 name no parent, an import before Liberty lost it.
    @Test(arguments: ["backup_id", "parent_id"], ["null", "\"\"", "UPPER"])
    func `what one of the two does not say, or spells otherwise, is no contradiction`(
        _ member: String, _ value: String
    ) throws {
        let text = String(
            decoding: try #require(try store[child.names.metadata, in: child.container]), as: UTF8.self)
        let id = member == "backup_id" ? child.backupID.text : full.backupID.text
        let written = value == "UPPER" ? "\"\(id.uppercased())\"" : value
        let changed = text.replacing("\"\(member)\": \"\(id)\"", with: "\"\(member)\": \(written)")
        #expect(changed != text)
        try store.put(Array(changed.utf8), child.names.metadata, child.container)
        #expect(try chain.restore([full, record(child, parent: full.backupID)]) == bytes)
        #expect(try chain.restore([full, record(child, parent: nil)]) == bytes)
    }
}
