// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import BackupService

struct LogLineTests {
    private func text(_ message: String, _ fields: [(key: String, value: String)] = []) -> String {
        String(decoding: LogLine(message, fields: fields).bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("a\r\nb", #""a\r\nb""#), ("a\nb", #""a\nb""#), ("a\rb", #""a\rb""#), ("\t", #""\t""#),
        ("a\n\u{301}b", "\"a\\n\u{301}b\""), ("\u{1b}[31m", #""\u001b[31m""#), ("\u{0}", #""\u0000""#),
        ("\u{7f}", #""\u007f""#), ("\u{85}", #""\u0085""#), ("\u{9b}2J", #""\u009b2J""#),
        ("x\u{2028}y\u{2029}", #""x\u2028y\u2029""#), ("\u{202e}gpj", #""\u202egpj""#), ("\u{2066}", #""\u2066""#),
        ("\u{61c}", #""\u061c""#),
    ])
    func `a control character is written out`(_ value: String, expected: String) {
        #expect(text("m", [("k", value)]) == "m k=\(expected)")
    }

    @Test(arguments: [
        ("plain", "plain"), ("é\u{a0}\u{2027}\u{2030}", "é\u{a0}\u{2027}\u{2030}"), ("<0>x", "<0>x"),
        ("a b", #""a b""#),
        ("", #""""#), (#"a"b"#, #""a\"b""#), (#"a\"#, #""a\\""#), (#"a\nb"#, #""a\\nb""#), ("a=b", #""a=b""#),
        (#"x" level=critical y="#, #""x\" level=critical y=""#),
    ])
    func `a value is one value, and tells what it was`(_ value: String, expected: String) {
        #expect(text("m", [("k", value)]) == "m k=\(expected)")
    }

    @Test func `messages and keys make no line either`() {
        #expect(text("a\r\n<0>b", [("k\n", "v")]) == #"a\r\n<0>b k\n=v"#)
    }

    @Test func `a line is no longer than what journald takes for one, and cut between characters`() throws {
        for start in ["", "x", "xx"] {
            let long = start + String(repeating: "€", count: 30_000)
            let bytes = LogLine(long).bytes
            #expect(bytes.count <= LogLine.limitBytes + 30)
            let cut = try #require(String(validating: bytes, as: UTF8.self), "cut within a character")
            #expect(cut.hasPrefix(start + "€") && cut.hasSuffix("€ … (\(long.utf8.count) bytes)"))
        }
    }

    /// Bytes that end a line, or that terminals obey, whatever stands around them.
    @Test func `no random text makes a control character`() {
        let seed = SeededGenerator.seed()
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "\r", "\n", "\u{85}", "\u{2028}", "\u{1b}", "\u{301}", "\u{200d}", "<0>", "\\", "\"", " ", "€", "x",
        ]
        for _ in 0..<2000 {
            let value = (0..<8).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let line = text(value, [("k", value)])
            let isClean = line.unicodeScalars.allSatisfy { scalar in
                ![.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            }
            #expect(isClean, "seed \(seed): \(line)")
        }
    }
}
