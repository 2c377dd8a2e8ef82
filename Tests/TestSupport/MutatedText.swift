// SPDX-License-Identifier: Apache-2.0

/// A text after a few random changes, some of bytes and some that know JSON.
package struct MutatedText: Sendable {
    package private(set) var bytes: [UInt8]

    private static let fragments = [
        "-1", "0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e308", "1.5", "null",
        "true", "{}", "[]", "\"\"", "\"\\ud800\"", "\\", "\"", "{", "}", "[", "]", ",", ":", "\u{feff}", "\u{0}",
        "\"offset\": 0,", "\"length\": 4611686018427387904,", "\"version\": \"9\",", "\"sha256s\": [],", "../",
        String(repeating: "[", count: 500),
    ]

    package init(_ text: [UInt8], using random: inout SeededGenerator) {
        bytes = text
        for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(using: &random) }
    }

    private mutating func mutate(using random: inout SeededGenerator) {
        let position = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, position + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.removeSubrange(position..<end)
        case 1: bytes.insert(contentsOf: bytes[position..<end], at: position)
        case 2: bytes.removeLast(bytes.count - position)
        case 3: bytes.insert(.random(in: 0...255, using: &random), at: position)
        case 4: bytes.insert(contentsOf: (Self.fragments.randomElement(using: &random) ?? "").utf8, at: position)
        case 5: replaceNumber(from: position, using: &random)
        default: if position < bytes.count { bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        }
    }

    private mutating func replaceNumber(from position: Int, using random: inout SeededGenerator) {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        guard let start = bytes[position...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: (Self.fragments.randomElement(using: &random) ?? "").utf8)
    }
}
