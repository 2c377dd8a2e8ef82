// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import ObjectStorage
import Synchronization
import TestSupport
import Testing

/// Chains of many links: what is held open does not grow with them.
struct LongChainTests {
    @Test func `few containers are open, however many a chain has`() throws {
        let store = CountingStore(MemoryObjectStore())
        let chain = try BackupChain(store)
        var random = SeededGenerator(seed: 35)
        var volume = SeededVolume(patterns: [.noise], of: 200 * 512, using: &random)
        for link in 0..<200 {
            try volume.write(to: chain.path("volume"), using: &random)
            try chain.backUp(chain.path("volume"), blockBytes: 512)
            volume.change(.noise, link * 512..<(link + 1) * 512, using: &random)
        }
        let layers = try #require(chain.points.last?.layers)
        store.forgetMost()
        #expect(try chain.engine.damagedBackups(in: layers, control: JobControl()).isEmpty)
        #expect((1...4).contains(store.mostOpen), "\(store.mostOpen) for a look")
        store.forgetMost()
        let opened = try chain.engine.openChain(layers)
        #expect((1...4).contains(store.mostOpen), "\(store.mostOpen) for reading the lists")
        #expect(store.open == 0)
        store.forgetMost()
        #expect(try chain.restore(layers).count == 200 * 512)
        #expect((1...64).contains(store.mostOpen), "\(store.mostOpen) for a restore")
        #expect(opened.objectCount == 1)
    }
}

/// Counts the containers that are open for reading.
private final class CountingStore: ObjectStore {
    private let base: any ObjectStore
    private let counts = Mutex((open: 0, most: 0))

    init(_ base: any ObjectStore) { self.base = base }

    var open: Int { counts.withLock { $0.open } }
    var mostOpen: Int { counts.withLock { $0.most } }

    func forgetMost() { counts.withLock { $0.most = $0.open } }

    private final class Reader: ContainerReader {
        let store: CountingStore
        let base: any ContainerReader

        init(_ store: CountingStore, _ base: any ContainerReader) {
            self.store = store
            self.base = base
            store.counts.withLock { $0 = ($0.open + 1, max($0.most, $0.open + 1)) }
        }

        deinit { store.counts.withLock { $0.open -= 1 } }

        func open(_ name: String) throws -> any ObjectReader { try base.open(name) }

        func storedLength(of name: String) throws -> Int64 { try base.storedLength(of: name) }
    }

    func openForReading(_ container: String) throws -> any ContainerReader {
        Reader(self, try base.openForReading(container))
    }

    func openForWriting(_ container: String, writer: String) throws -> any ContainerWriter {
        try base.openForWriting(container, writer: writer)
    }

    func forEachName(in container: String, beginningWith prefix: String, _ body: (String) throws -> Void) throws {
        try base.forEachName(in: container, beginningWith: prefix, body)
    }

    func delete(_ name: String, from container: String) throws { try base.delete(name, from: container) }

    func deleteLeftovers(of writer: String, in container: String) throws {
        try base.deleteLeftovers(of: writer, in: container)
    }

    func removeIfEmpty(_ container: String) throws { try base.removeIfEmpty(container) }

    func synchronize(_ container: String) throws { try base.synchronize(container) }

    func synchronize(_ name: String, in container: String) throws { try base.synchronize(name, in: container) }

    func forEachContainer(_ body: (String) throws -> Void) throws { try base.forEachContainer(body) }
}
