// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import TestSupport
import Testing

/// Texts in a repository that are no valid text: what they are about can be restored all the same.
struct ForeignTextTests {
    private let store = MemoryObjectStore()
    private let chain: BackupChain
    private let location: LayerLocation
    private let bytes: [UInt8]

    init() throws {
        chain = try BackupChain(store)
        var random = SeededGenerator(seed: 30)
        let volume = SeededVolume(patterns: [.noise, .text], of: 50_000, using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(
            chain.path("volume"),
            volumeMeta: { #"{"version": 2, "volume-base-metadata": {"display_name": "VOLUME"}}"# })
        location = try #require(point.layers.last)
        bytes = volume.bytes
    }

    private enum Part: CaseIterable { case metadata, digests }

    private func change(_ part: Part, _ change: (String) -> [UInt8]) throws {
        let name = part == .metadata ? location.names.metadata : location.names.sha256file
        let text = String(decoding: try #require(try store[name, in: location.container]), as: UTF8.self)
        let changed = change(text)
        #expect(changed != Array(text.utf8))
        try store.put(changed, name, location.container)
    }

    private static let badTexts: [[UInt8]] = [
        Array(#"\ud800"#.utf8), Array(#"\udc00x"#.utf8), Array(#"\ud800\ud800\n"#.utf8), [0xff, 0xfe], [0xc3],
        [0xed, 0xa0, 0x80], Array(#"\u0000"#.utf8),
    ]

    @Test(arguments: badTexts)
    func `a name that is no text is no obstacle`(_ name: [UInt8]) throws {
        for part in Part.allCases {
            try change(part) { text in
                let halves = text.split(separator: "\"test\"").map { Array($0.utf8) }
                return halves[0] + [0x22] + name + [0x22] + halves[1]
            }
        }
        #expect(try chain.restore([location]) == bytes)
        #expect(try chain.engine.openChain([location]).volumeMeta?.name == "VOLUME")
        let child = try chain.backUp(chain.path("volume"))
        #expect(try chain.restore(child.layers) == bytes)
    }

    @Test func `a byte order mark is passed over`() throws {
        for part in Part.allCases { try change(part) { [0xef, 0xbb, 0xbf] + Array($0.utf8) } }
        #expect(try chain.restore([location]) == bytes)
    }

    @Test func `a member that nobody knows may hold anything that JSON can`() throws {
        try change(.metadata) { text in
            Array(text.replacing("\"backup_id\"", with: #""\ud800": ["\udfff", {"x": "\ud800"}], "backup_id""#).utf8)
        }
        #expect(try chain.restore([location]) == bytes)
    }

    @Test(arguments: [("5", true), ("null", true), ("[1]", true), ("{\"a\": []}", true), ("}", false)])
    func `a name that is no string at all is left out`(_ name: String, isJSON: Bool) throws {
        try change(.metadata) { Array($0.replacing("\"test\"", with: name).utf8) }
        if isJSON {
            #expect(try chain.restore([location]) == bytes)
        } else {
            #expect(throws: EngineError.self) { try chain.restore([location]) }
        }
    }

    // MARK: - The description of the volume

    @Test(arguments: [
        (#"\\ud800"#, "\u{fffd}"), (#"a\\udc00b"#, "a\u{fffd}b"), (#"\\u0000"#, "\u{fffd}"), (#"\ud800"#, "\u{fffd}"),
    ])
    func `a volume's name is shown as far as it can be`(_ name: String, shown: String) throws {
        try change(.metadata) { Array($0.replacing("VOLUME", with: name).utf8) }
        let opened = try chain.engine.openChain([location])
        #expect(opened.volumeMeta?.name == shown)
        #expect(opened.warning == nil)
        #expect(try chain.restore([location]) == bytes)
    }

    /// The member as it stands in the metadata object.
    private func changeDescription(_ text: String) throws {
        try change(.metadata) { metadata in
            Array(metadata.replacing(/"volume_meta": ".*"/, with: "\"volume_meta\": \(text)").utf8)
        }
    }

    @Test(arguments: [#""{""#, #""no JSON""#, #""[]""#, #""{\"version\": 2, \"volume-metadata\": 1}""#])
    func `a broken description is left out, and said`(_ text: String) throws {
        try changeDescription(text)
        let opened = try chain.engine.openChain([location])
        #expect(opened.volumeMeta == nil)
        #expect(opened.warning?.contains(location.names.metadata) == true)
        #expect(try chain.restore([location]) == bytes)
    }

    @Test func `an empty description is none`() throws {
        try changeDescription(#""""#)
        let opened = try chain.engine.openChain([location])
        #expect(opened.volumeMeta == nil && opened.warning == nil)
    }

    /// As Cinder does: it may say what must not be left out.
    @Test(arguments: [#""{\"version\": 3}""#, #""{}""#])
    func `a description of an unknown version is refused`(_ text: String) throws {
        try changeDescription(text)
        #expect(throws: EngineError.self) { try chain.engine.openChain([location]) }
    }
}
