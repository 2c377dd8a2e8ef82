// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

struct RepairedTextTests {
    static let texts: [(text: [UInt8], value: String)] = [
        (Array(#""\ud800""#.utf8), "\u{fffd}"), (Array(#""\udc00""#.utf8), "\u{fffd}"),
        (Array(#""\ud800x""#.utf8), "\u{fffd}x"), (Array(#""\ud800\n""#.utf8), "\u{fffd}\n"),
        (Array(#""\ud800\"x""#.utf8), "\u{fffd}\"x"), (Array(#""\ud800\u0041""#.utf8), "\u{fffd}A"),
        (Array(#""\ud800\ud800""#.utf8), "\u{fffd}\u{fffd}"), (Array(#""\ud800\ud83d\ude00""#.utf8), "\u{fffd}😀"),
        (Array(#""\udc00\ud800""#.utf8), "\u{fffd}\u{fffd}"), (Array(#""\ud83d\ude00""#.utf8), "😀"),
        ([0x22, 0x61, 0xff, 0x62, 0x22], "a\u{fffd}b"), ([0x22, 0xc3, 0x22], "\u{fffd}"),
        ([0x22, 0xed, 0xa0, 0x80, 0x22], "\u{fffd}\u{fffd}\u{fffd}"),
    ]

    @Test func `text that is none is repaired where that is asked for, however its bytes arrive`() throws {
        for (text, value) in Self.texts {
            #expect(try JSONValue(parsing: text, badText: .replaced) == .string(value), "\(text)")
            for pieceBytes in 1...text.count {
                var rest = text[...]
                let reader = JSONReader(badText: .replaced) { target in
                    let count = min(rest.count, pieceBytes)
                    target.copyBytes(from: rest.prefix(count))
                    rest = rest.dropFirst(count)
                    return count
                }
                #expect(try reader.string() == value, "\(text) in pieces of \(pieceBytes)")
                try reader.finish()
            }
        }
    }

    @Test func `what is no JSON stays refused`() {
        for text in [
            #""\ud800"#, #""\ud800\"#, #""\ud800\u""#, #""\ud800\u12""#, #""\ud800\x""#, "\"\u{1}\"", "[\u{feff}]",
        ] {
            #expect(throws: JSONError.self, "\(text)") { try JSONValue(parsing: Array(text.utf8), badText: .replaced) }
        }
    }
}
