// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport
import Testing

struct JSONReaderTests {
    static let valid: [(text: String, value: JSONValue)] = [
        ("null", nil), ("true", true), ("false", false), (" \t\r\n0 ", 0), ("-0", 0), ("42", 42),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775807", .integer(.max)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
        ("1E+3", .number(1000)), ("25e-1", .number(2.5)), ("-0.0", .number(-0.0)), ("1e-999", .number(0)),
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9""#, "Aé"),
        (#""\ud83d\ude00""#, "😀"), (#""\uD83D\uDE00""#, "😀"), (#""\uFFFF\u0000""#, "\u{ffff}\u{0}"), ("\"é😀\"", "é😀"),
        (#""\u2028\u007f""#, "\u{2028}\u{7f}"),
        ("[]", []), ("[ ]", []), ("[1,2]", [1, 2]), ("[[],{}]", [[], [:]]), ("{}", [:]), ("{ }", [:]),
        (#"{"a":1}"#, ["a": 1]), (#"{"a":{"b":[1,{"c":null}]}, "d" : "e"}"#, ["a": ["b": [1, ["c": nil]]], "d": "e"]),
        (#"{"":0}"#, ["": 0]), (#"{"a":1,"a":2}"#, ["a": 1, "a": 2]),
        (#"[{"a":[]},[{"b":{}}],"x",true,null,-1.0]"#, [["a": []], [["b": [:]]], "x", true, nil, .number(-1)]),
    ]

    static let invalid = [
        "", " ", "nul", "nulll", "truee", "tru", "True", "nan", "NaN", "Infinity", "-Infinity", "undefined",
        "01", "-01", "00", "-", "+1", ".5", "1.", "1.e3", "1e", "1e+", "1e1.5", "0x10", "1_000", "--1", "1-1", "1 2",
        "\"", "\"a", "'a'", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\", "\"a\nb\"", "\"\u{0}\"", "\"\t\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1}", "[1]]", "[1],", "[[1]",
        "{", "}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\" 1}",
        "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{\"a\":1]", "{\"a\"::1}", "{null:1}", "{\"a\":}", "{}{}", "{\"a\":1}}",
        "/* */1", "//\n1", "1//", "#", "\u{feff}1", "\u{a0}1", "1\u{0}", ";",
    ]

    @Test func `reads every valid text, however its bytes arrive`() throws {
        for (text, value) in Self.valid {
            let bytes = Array(text.utf8)
            #expect(try JSONValue(parsing: bytes) == value, "\(text)")
            for pieceBytes in 1...bytes.count {
                let reader = JSONReader(pieces: bytes, of: pieceBytes)
                #expect(try JSONValue(from: reader) == value, "\(text) in pieces of \(pieceBytes)")
                try reader.finish()
                let skipper = JSONReader(pieces: bytes, of: pieceBytes)
                try skipper.skipValue()
                try skipper.finish()
            }
        }
    }

    @Test func `refuses every invalid text, read or skipped, however its bytes arrive`() {
        for text in Self.invalid {
            let bytes = Array(text.utf8)
            for pieceBytes in 1...max(1, bytes.count) {
                #expect(throws: JSONError.self, "\(text) in pieces of \(pieceBytes)") {
                    let reader = JSONReader(pieces: bytes, of: pieceBytes)
                    _ = try JSONValue(from: reader)
                    try reader.finish()
                }
                #expect(throws: JSONError.self, "\(text) skipped in pieces of \(pieceBytes)") {
                    let reader = JSONReader(pieces: bytes, of: pieceBytes)
                    try reader.skipValue()
                    try reader.finish()
                }
            }
        }
    }

    @Test(arguments: [
        [0x80], [0xc3], [0xc3, 0x28], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0x80], [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80], [0xff], [0xfe, 0xff],
    ])
    func `refuses strings that are not UTF-8`(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("{\"a".utf8) + bytes + Array("\":1}".utf8)) }
    }

    private static let replaced: [(text: [UInt8], value: JSONValue)] = [
        (Array(#""\ud800""#.utf8), "\u{fffd}"), (Array(#""\udc00x""#.utf8), "\u{fffd}x"),
        (Array(#""\ud800\u0041""#.utf8), "\u{fffd}A"), (Array(#""\ud800\ud83d\ude00""#.utf8), "\u{fffd}😀"),
        (Array(#""\ud800\n\ud800\"""#.utf8), "\u{fffd}\n\u{fffd}\""), (Array(#""\ud800x\\""#.utf8), "\u{fffd}x\\"),
        ([0x22, 0xff, 0x41, 0x22], "\u{fffd}A"), ([0x22, 0xc3, 0x22], "\u{fffd}"),
        ([0xef, 0xbb, 0xbf] + Array("[1]".utf8), [1]), (Array(#"{"\ud800": 1}"#.utf8), ["\u{fffd}": 1]),
    ]

    @Test func `what stands for no character can be replaced, however its bytes arrive`() throws {
        for (text, value) in Self.replaced {
            #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
            for pieceBytes in 1...text.count {
                let reader = JSONReader(pieces: text, of: pieceBytes, badText: .replaced)
                #expect(try JSONValue(from: reader) == value, "\(text) in pieces of \(pieceBytes)")
                try reader.finish()
                let skipper = JSONReader(pieces: text, of: pieceBytes, badText: .replaced)
                try skipper.skipValue()
                try skipper.finish()
            }
        }
    }

    @Test func `nothing else is forgiven where bad text is`() throws {
        let forgiven = Self.invalid.filter { text in
            text == "\u{feff}1" || text.contains("\\ud") && text.hasSuffix("\"")
        }
        #expect(forgiven.count == 6)
        let more = [
            "\"\\ud800", "\"\\ud800\\x\"", "\"\\ud800\\u00\"", "[\u{feff}1]", "\u{feff}", "\u{feff}\u{feff}1",
        ]
        for text in Self.invalid.filter({ !forgiven.contains($0) }) + more {
            #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: Array(text.utf8), badText: .replaced) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0xef, 0xbb, 0x31], badText: .replaced) }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":", "[[1],"])
    func `nesting has a limit and no depth can crash`(_ opening: String) {
        let depth = 1_000_000
        let text = Array(String(repeating: opening, count: depth).utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(throws: JSONError.self) { try JSONReader(text).skipValue() }
        #expect(throws: JSONError.self) {
            let reader = JSONReader(Array("{\"x\":".utf8) + text)
            try reader.object { _ in try reader.skipValue() }
        }
    }

    @Test func `the limit on nesting is the same however a value is read`() throws {
        for (depth, isRead) in [(JSONReader.depthLimit, true), (JSONReader.depthLimit + 1, false)] {
            let text = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
            #expect(((try? JSONValue(parsing: text)) != nil) == isRead)
            #expect(((try? JSONReader(text).skipValue()) != nil) == isRead)
        }
    }

    @Test func `depth counts open brackets, not brackets`() throws {
        let text = Array(("[" + String(repeating: "[],{},", count: 1000) + "[]]").utf8)
        try JSONReader(text).skipValue()
        #expect(throws: Never.self) { try JSONValue(parsing: text) }
    }

    @Test func `strings and numbers have limits`() throws {
        func reader(_ text: String) -> JSONReader { JSONReader(Array(text.utf8)) }
        #expect(try reader("\"12345\"").string(limit: 5) == "12345")
        #expect(throws: JSONError.self) { try reader("\"123456\"").string(limit: 5) }
        #expect(throws: JSONError.self) { try reader("\"\\u00e9\\u00e9\\u00e9\"").string(limit: 5) }
        #expect(throws: JSONError.self) { try reader(String(repeating: "1", count: 1000)).skipValue() }
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array("1e999".utf8)) }
    }

    @Test(arguments: ["1.0", "1e0", "9223372036854775808", "\"1\"", "null", "-", "1.5"])
    func `a whole number is nothing else`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONReader(Array(text.utf8)).integer() }
    }

    @Test func `a digest is found at every split of the buffer, in any notation`() throws {
        let hex = String((0..<64).map { Array("0123456789abcdef")[($0 * 7) % 16] })
        let digest = try #require(SHA256Digest(hex: hex))
        for text in ["\"\(hex)\"", " \"\(hex.uppercased())\" ", "\"\\u0030\(hex.dropFirst())\""] {
            for pieceBytes in 1...text.utf8.count {
                let reader = JSONReader(pieces: Array(text.utf8), of: pieceBytes)
                #expect(try reader.sha256() == digest)
                try reader.finish()
            }
        }
        for text in ["\"\(hex)0\"", "\"\(hex.dropLast())\"", "\"\(hex.dropLast())g\"", "1", "null", "\"\"", "\"\(hex)"]
        {
            #expect(throws: JSONError.self, "\(text)") { try JSONReader(Array(text.utf8)).sha256() }
        }
    }

    @Test func `the offset of an error is that of the byte`() {
        let text = String(repeating: " ", count: 1000) + "x"
        #expect(throws: JSONError("a value was expected", at: 1000)) {
            try JSONReader(pieces: Array(text.utf8), of: 7).skipValue()
        }
    }

    @Test func `an error of the source comes through`() {
        #expect(throws: StorageFault()) { try JSONReader { _ in throw StorageFault() }.skipValue() }
    }

    @Test func `what is written is read again as the same`() throws {
        for (_, value) in Self.valid where value != .number(-0.0) {
            #expect(try JSONValue(parsing: value.utf8) == value)
        }
    }

    @Test func `mutated texts are read, or refused, and reading agrees with skipping`() throws {
        let seed = SeededGenerator.seed()
        print("CINDERBLOCK_SEED=\(seed)")
        let text = Array(Self.valid.suffix(8).map(\.text).joined(separator: ",").utf8)
        for round in 0..<UInt64(isSoak ? 1_000_000 : 20_000) {
            var random = SeededGenerator(seed: seed &+ round)
            let mutated = MutatedText(Array("[".utf8) + text + Array("]".utf8), using: &random).bytes
            let pieceBytes = Int.random(in: 1...64, using: &random)
            let isRead = (try? JSONValue(parsing: mutated)) != nil
            let reader = JSONReader(pieces: mutated, of: pieceBytes)
            let isSkipped = (try? reader.skipValue()) != nil && (try? reader.finish()) != nil
            // Skipping does not look at the bytes of strings, nor at how large a number is.
            #expect(isSkipped || !isRead, "CINDERBLOCK_SEED=\(seed &+ round)")
        }
    }
}

extension JSONReader {
    /// Gets the text in pieces of so many bytes.
    convenience init(pieces text: [UInt8], of pieceBytes: Int, badText: BadText = .refused) {
        let rest = Remaining(text)
        self.init(bufferBytes: max(pieceBytes, 1), badText: badText) { rest.take(into: $0) }
    }

    private final class Remaining {
        private var bytes: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

        func take(into target: UnsafeMutableRawBufferPointer) -> Int {
            let count = min(bytes.count, target.count)
            target.copyBytes(from: bytes.prefix(count))
            bytes = bytes.dropFirst(count)
            return count
        }
    }
}
