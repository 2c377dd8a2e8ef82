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

    // MARK: - Keys of ours

    private static let sha256 = String(repeating: "5e", count: 32)

    @Test func `keys of ours are written as Python sorts them, and read again`() throws {
        let object = StoredObject(
            name: "p-00001", offset: 0, length: 9, compression: Compression(.none),
            md5: try #require(MD5Digest(hex: Self.md5)), storedLength: 7)
        let metadata = BackupMetadata(
            backupID: "b", volumeID: "v", createdAt: "None", sizeBytes: 9,
            listDigest: SHA256Digest(hex: Self.sha256), writer: "me \u{1f600}")
        var text: [UInt8] = []
        try metadata.write(to: { text += $0 }) { put in try put(object) }
        let lines = """
              "backup_name": null,
              "cinderblock": {
                "list_sha256": "\(Self.sha256)",
                "writer": "me \\ud83d\\ude00"
              },
              "created_at": "None",
              "objects": [
                {
                  "p-00001": {
                    "compression": "none",
                    "length": 9,
                    "md5": "\(Self.md5)",
                    "offset": 0,
                    "stored_length": 7
                  }
                }
              ],
            """
        #expect(String(decoding: text, as: UTF8.self).contains(lines), "\(String(decoding: text, as: UTF8.self))")
        let (again, objects) = try read(String(decoding: text, as: UTF8.self))
        #expect(again == metadata && objects == [object])
        #expect(try BackupMetadata.listDigest(from: JSONReader(text)) == metadata.listDigest)
    }

    @Test(arguments: [
        "null", "1", "\"x\"", "[]", "[{}]", "true", "{}", #"{"list_sha256": null, "writer": null}"#,
        #"{"list_sha256": 1, "writer": {"a": [1]}}"#, #"{"list_sha256": "", "writer": []}"#,
        #"{"list_sha256": "5e5e", "writer": 1.5}"#, #"{"list": "x", "of": {"a": {"later": "release"}}}"#,
    ])
    func `of what is not understood in ours nothing is taken, and nothing refused`(_ ours: String) throws {
        let text = #"{"version": "1.0.0", "cinderblock": \#(ours), "objects": [\#(Self.object())]}"#
        let (metadata, objects) = try read(text)
        #expect(metadata.listDigest == nil && metadata.writer == nil && objects.count == 1)
        #expect(try BackupMetadata.listDigest(from: JSONReader(Array(text.utf8))) == nil)
    }

    @Test func `one key of ours is taken without the other`() throws {
        func ours(_ ours: String) throws -> BackupMetadata {
            try read(#"{"version": "1.0.0", "objects": [], "cinderblock": \#(ours)}"#).metadata
        }
        #expect(try ours(#"{"x": [1], "writer": "w", "list_sha256": 7}"#).writer == "w")
        let upper = Self.sha256.uppercased()
        #expect(try ours(#"{"writer": {}, "list_sha256": "\#(upper)"}"#).listDigest?.hex == Self.sha256)
    }

    @Test(arguments: ["null", "-1", "1.5", "1e3", "\"7\"", "[7]", "9223372036854775808", "2305843009213693953", "true"])
    func `a stored length that is none is passed over`(_ length: String) throws {
        let (_, objects) = try read(Self.metadata(Self.object(more: ", \"stored_length\": \(length)")))
        #expect(objects.count == 1 && objects[0].storedLength == nil)
    }

    @Test(arguments: [0, 1, 1 << 61])
    func `a stored length is read`(_ length: Int64) throws {
        let (_, objects) = try read(Self.metadata(Self.object(more: ", \"stored_length\": \(length)")))
        #expect(objects.first?.storedLength == length)
    }

    @Test(arguments: ["", "[]", "{", #"{"cinderblock": {"list_sha256": "#])
    func `the digest of the list is in no text that is no object`(_ text: String) {
        #expect(throws: JSONError.self) { try BackupMetadata.listDigest(from: JSONReader(Array(text.utf8))) }
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
