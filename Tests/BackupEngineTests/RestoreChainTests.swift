// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Codecs
import ObjectStorage
import TestSupport
import Testing

/// How long a volume was when nobody wrote it down: repositories as Cinder leaves them.
struct RestoreChainTests {
    private let store = MemoryObjectStore()
    private let chain: BackupChain

    init() throws { chain = try BackupChain(store) }

    /// A backup of `bytes` as Cinder writes it: extents of changed blocks, no recorded length.
    private func cinderBackup(_ bytes: [UInt8], since parent: [UInt8]? = nil) throws -> LayerLocation {
        let location = chain.newLocation(container: "c")
        let metadata = BackupMetadata(backupID: location.backupID.text, volumeID: "", createdAt: "None")
        let (old, new) = (try digests(parent ?? []), try digests(bytes))
        var objects: [StoredObject] = []
        for (index, extent) in changedExtents(in: new, since: parent == nil ? [] : old).enumerated() {
            let range = extent.lowerBound * 1000..<min(extent.upperBound * 1000, bytes.count)
            let content = Array(bytes[range])
            let md5 = try MD5Hasher()
            content.withUnsafeBytes { md5.update($0) }
            let name = location.names.data(Int64(index + 1))
            try store.put(content, name, "c")
            objects.append(
                StoredObject(
                    name: name, offset: Int64(range.lowerBound), length: Int64(range.count), compression: .none,
                    md5: md5.finish()))
        }
        try put(location.names.metadata) { sink in
            try metadata.write(to: sink) { put in for object in objects { try put(object) } }
        }
        try put(location.names.sha256file) { sink in
            var list = DigestListWriter(DigestList(describing: metadata, blockBytes: 1000), to: sink)
            try list.append(contentsOf: new)
            try list.finish()
        }
        return location
    }

    private func put(_ name: String, _ write: (@escaping PythonJSON.Sink) throws -> Void) throws {
        let writer = try store.openForWriting("c", writer: "cinder")
        try writer.putDurably(name) { try write($0) }
    }

    private func digests(_ bytes: [UInt8]) throws -> [SHA256Digest] {
        let hasher = try SHA256Hasher()
        return stride(from: 0, to: bytes.count, by: 1000).map { start in
            bytes[start..<min(start + 1000, bytes.count)].withUnsafeBytes { hasher.digest(of: $0) }
        }
    }

    @Test(arguments: [0, 1, 999, 1000, 1001, 2000, 5500])
    func `a full backup is as long as its objects`(_ byteCount: Int) throws {
        var random = SeededGenerator(seed: 24)
        let bytes = VolumePattern.noise.bytes(byteCount, using: &random)
        #expect(try chain.restore([cinderBackup(bytes)]) == bytes)
    }

    @Test(arguments: [
        ("the same", 5500, 5500), ("shrunk inside the last block", 5500, 5400), ("shrunk by blocks", 5500, 3300),
        ("shrunk to a border", 5500, 4000), ("shrunk from a border", 5000, 4999),
        ("grown inside the last block", 5400, 5500),
        ("grown by blocks", 3300, 5500), ("grown to a border", 4500, 5000), ("grown from a border", 5000, 5001),
        ("shrunk to nothing", 5500, 0), ("grown from nothing", 0, 5500),
    ])
    func `a child is as long as its own volume was`(_ name: String, parent: Int, child: Int) throws {
        var random = SeededGenerator(seed: 25)
        let bytes = VolumePattern.noise.bytes(6000, using: &random)
        let first = Array(bytes[..<parent])
        for changed in [nil, 0, child - 1] where changed ?? 0 >= 0 {
            var second = Array(bytes[..<child])
            if let changed, changed < child { second[changed] ^= 1 }
            let layers = [try cinderBackup(first), try cinderBackup(second, since: first)]
            #expect(try chain.restore(layers) == second, "\(name), \(String(describing: changed))")
            #expect(try chain.restore(layers, to: .dirty, length: child) == second)
            #expect(try chain.restore([layers[0]]) == first)
        }
    }

    @Test func `a chain of changing lengths restores at every point`() throws {
        var random = SeededGenerator(seed: 26)
        let bytes = VolumePattern.noise.bytes(9000, using: &random)
        var layers: [LayerLocation] = []
        var before: [UInt8]?
        for length in [5500, 3000, 8100, 8101, 8000, 1, 4999] {
            var now = Array(bytes[..<length])
            now[length / 2] ^= UInt8(layers.count + 1)
            layers.append(try cinderBackup(now, since: before))
            #expect(try chain.restore(layers) == now)
            before = now
        }
    }
}
