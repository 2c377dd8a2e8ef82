// SPDX-License-Identifier: Apache-2.0

import BackupService
import Testing

/// A broken file is refused or read; it never brings the daemon down.
struct ConfigurationFuzzTests {
    @Test(arguments: [UInt64(7), UInt64.random(in: .min ... .max)])
    func `a thousand mutations are read or refused`(seed: UInt64) {
        var generator = Mutations(state: seed)
        let valid = Array(ConfigurationTests.everything.unicodeScalars)
        var outcomes: Set<Bool> = []
        for _ in 0..<1000 {
            var text = valid
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&text, &generator) }
            outcomes.insert(isRead(text))
        }
        #expect(outcomes == [true, false], "seed \(seed)")
    }

    private func isRead(_ text: [Unicode.Scalar]) -> Bool {
        var string = String.UnicodeScalarView()
        string.append(contentsOf: text)
        do {
            let configuration = try Configuration.parse(String(string), file: "c.yaml")
            return try Configuration.parse(configuration.yamlText, file: "again") == configuration
        } catch {
            return error.description.isEmpty
        }
    }

    private func mutate(_ text: inout [Unicode.Scalar], _ generator: inout Mutations) {
        let at = Int.random(in: 0..<max(1, text.count), using: &generator)
        let length = min(Int.random(in: 1...12, using: &generator), max(0, text.count - at))
        let odd: [Unicode.Scalar] = [
            ":", "-", "[", "]", "{", "}", "\"", "'", "#", "&", "*", "!", "|", ">", "%", "@", "\t", "\n", "\0", "~", "0",
            "9", "\u{85}", "\u{feff}", "\u{1f600}", "?", ",", "\\",
        ]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: text.removeSubrange(at..<at + length)
        case 1: text.insert(contentsOf: text[at..<at + length], at: Int.random(in: 0...text.count, using: &generator))
        case 2: text.insert(odd.randomElement(using: &generator) ?? ":", at: at)
        default: if at < text.count { text[at] = odd.randomElement(using: &generator) ?? ":" }
        }
    }
}

/// SplitMix64: the same seed, the same mutations.
private struct Mutations: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
