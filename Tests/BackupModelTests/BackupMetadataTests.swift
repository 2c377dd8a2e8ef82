// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct BackupMetadataTests {
    private static let md5 = "bdabdde863117528290f4ac5af62a44b"

    private func read(_ text: String) throws -> (metadata: BackupMetadata, objects: [StoredObject]) {
        var objects: [StoredObject] = []
        let metadata = try BackupMetadata(from: JSONReader(Array(text.utf8))) { objects.append($0) }
        return (metadata, objects)
    }

    private static func object(
        _ name: String = "p-00001", offset: String = "0", length: String = "1", compression: String = "\"zlib\"",
        md5: String = "\"\(md5)\"", more: String = ""
    ) -> String {
        """
        {"\(name)": {"offset": \(offset), "length": \(length), "compression": \(compression), "md5": \(md5)\(more)}}
        """
    }

    private static func metadata(_ objects: String) -> String { #"{"version": "1.0.0", "objects": [\#(objects)]}"# }

    @Test func `version and objects are enough, in any order and with unknown members`() throws {
        let objects = Self.object(more: #", "sha1": [{}, "x"]"#)
        let (metadata, list) = try read(
            #"{"x": {"objects": []}, "objects": [\#(objects)], "y": [[1], null], "version": "1.0.0"}"#)
        #expect(list.map(\.name) == ["p-00001"])
        #expect(metadata.volumeMeta == nil && metadata.sizeBytes == nil && metadata.parentID == nil)
    }

    @Test(arguments: ["zlib", "GZIP", "bz2", "BZip2", "zstd", "none", "OFF", "no"])
    func `compression is read without case`(_ name: String) throws {
        let (_, objects) = try read(Self.metadata(Self.object(compression: "\"\(name)\"")))
        #expect(objects.first?.compression == Compression(named: name))
    }

    @Test(arguments: [
        "", "null", "[]", "\"x\"", "{", "{}", #"{"version": "1.0.0"}"#, #"{"objects": []}"#,
        #"{"version": "1.0.0", "objects": null}"#, #"{"version": "1.0.0", "objects": {}}"#,
        #"{"version": "1.0.0", "objects": "x"}"#, #"{"version": "1.0.0", "objects": [null]}"#,
        #"{"version": "1.0.0", "objects": [1]}"#, #"{"version": "1.0.0", "objects": [[]]}"#,
        #"{"version": "1.0.0", "objects": [{}]}"#, #"{"version": "1.0.0", "objects": [{"p-00001": null}]}"#,
        #"{"version": "1.0.0", "objects": [{"p-00001": []}]}"#, #"{"version": "1.0.0", "objects": [{"p-00001": {}}]}"#,
        #"{"version": "1.0.0", "objects": [], "objects": []}"#, #"{"version": "1.0.1", "objects": []}"#,
        #"{"version": 1, "objects": []}"#, #"{"version": null, "objects": []}"#,
        #"{"version": "1.0.0 ", "objects": []}"#,
        #"{"version": "1.0.0", "objects": []}x"#, #"{"version": "1.0.0", "objects": [], "size_bytes": -1}"#,
        #"{"version": "1.0.0", "objects": [], "size_bytes": 9223372036854775807}"#,
        #"{"version": "1.0.0", "objects": [], "size_bytes": "1"}"#,
        #"{"version": "1.0.0", "objects": [], "size_bytes": 1.5}"#,
        #"{"version": "1.0.0", "objects": [], "volume_meta": {}}"#,
        #"{"version": "1.0.0", "objects": [], "backup_id": 1}"#,
        #"{"version": "1.0.0", "objects": [], "parent_id": []}"#,
    ])
    func `refuses metadata of other shapes`(_ text: String) {
        #expect(throws: (any Error).self) { try read(text) }
    }

    @Test(arguments: [
        object(offset: "-1"), object(offset: "9223372036854775807"), object(offset: "2305843009213693953"),
        object(offset: "9223372036854775808"), object(offset: "1e3"), object(offset: "0.0"), object(offset: "\"0\""),
        object(offset: "null"), object(offset: "true"), object(offset: "[0]"), object(length: "-1"),
        object(length: "9223372036854775807"), object(offset: "2305843009213693952", length: "1"),
        object(length: "1.5"), object(length: "\"1\""), object(length: "null"), object(compression: "null"),
        object(compression: "\"\""), object(compression: "\"lzma\""), object(compression: "0"), object(md5: "null"),
        object(md5: "\"\""), object(md5: "\"\(md5)0\""), object(md5: "\"xdabdde863117528290f4ac5af62a44b\""),
        object(md5: "0"), #"{"p-00001": {"offset": 0, "length": 1, "compression": "none"}}"#,
        #"{"p-00001": {"offset": 0, "length": 1, "md5": "bdabdde863117528290f4ac5af62a44b"}}"#,
        object() + ", " + object().dropLast() + ", \"p-00002\": {}}",
    ])
    func `refuses objects of other shapes`(_ object: String) {
        #expect(throws: (any Error).self) { try read(Self.metadata(object)) }
    }

    @Test func `the largest bounds are read`() throws {
        let (_, objects) = try read(Self.metadata(Self.object(offset: "0", length: "2305843009213693952")))
        #expect(objects.first?.length == StoredObject.endLimit)
        #expect(
            try read(#"{"version": "1.0.0", "objects": [], "size_bytes": 2305843009213693952}"#).metadata.sizeBytes == 1
                << 61)
    }

    @Test func `of a member that comes twice the last counts, as in Python`() throws {
        let (_, objects) = try read(Self.metadata(Self.object(more: ", \"offset\": 7")))
        #expect(objects.first?.offset == 7)
    }

    @Test func `mutated metadata are read or refused`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        let text = Self.metadata((1...5).map { Self.object("p-0000\($0)") }.joined(separator: ", "))
        for round in 0..<UInt64(isSoak ? 1_000_000 : 5000) {
            var random = SeededGenerator(seed: seed &+ round)
            let mutated = MutatedText(Array(text.utf8), using: &random).bytes
            _ = try? BackupMetadata(from: JSONReader(pieces: mutated, of: 37)) { object in
                #expect(object.offset >= 0 && object.length >= 0 && object.offset + object.length <= 1 << 61)
            }
        }
    }

    @Test(arguments: [
        #"{"version": "1.0.0", "chunk_size": 0, "sha256s": []}"#,
        #"{"version": "1.0.0", "chunk_size": -1, "sha256s": []}"#,
        #"{"version": "1.0.0", "chunk_size": 4294967296, "sha256s": []}"#, #"{"version": "1.0.0", "sha256s": []}"#,
        #"{"version": "1.0.0", "chunk_size": 1.5, "sha256s": []}"#, #"{"version": "1.0.0", "chunk_size": 1}"#,
        #"{"version": "1.0.0", "chunk_size": "1", "sha256s": []}"#, #"{"chunk_size": 1, "sha256s": []}"#,
        #"{"version": "2.0.0", "chunk_size": 1, "sha256s": []}"#,
        #"{"version": "1.0.0", "chunk_size": 1, "sha256s": [1]}"#,
        #"{"version": "1.0.0", "chunk_size": 1, "sha256s": ["00"]}"#,
        #"{"version": "1.0.0", "chunk_size": 1, "sha256s": {}}"#,
        #"{"version": "1.0.0", "chunk_size": 1, "sha256s": [], "sha256s": []}"#, "[]", "",
    ])
    func `refuses digest lists of other shapes`(_ text: String) {
        #expect(throws: (any Error).self) { try DigestList(from: JSONReader(Array(text.utf8))) { _ in } }
    }
}
