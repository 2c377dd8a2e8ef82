// SPDX-License-Identifier: Apache-2.0

/// A message and its fields, `Backup finished objects=21 name="a b"`, as bytes of one line: whatever they hold, they
/// make no second line, no field, and nothing that a terminal obeys.
///
/// Looked at are bytes of UTF-8: as a `Character`, a carriage return before a newline is neither.
package struct LogLine {
    /// journald cuts longer lines, and would take what follows for a line of its own, `<0>` at its start for a priority.
    static let limitBytes = 16 << 10

    private var text: [UInt8] = []

    package init(_ message: String, fields: some Sequence<(key: String, value: String)> = EmptyCollection()) {
        append(escaping: message)
        for (key, value) in fields {
            text.append(UInt8(ascii: " "))
            append(escaping: key)
            text.append(UInt8(ascii: "="))
            append(value: value)
        }
    }

    /// Without a newline at the end, and no longer than what journald takes for one line.
    package var bytes: [UInt8] {
        guard text.count > Self.limitBytes else { return text }
        var end = Self.limitBytes
        while text[end] & 0xc0 == 0x80 { end -= 1 }
        return text[..<end] + Array(" … (\(text.count) bytes)".utf8)
    }

    /// In quotes where it could be taken for more than one value.
    private mutating func append(value: String) {
        let start = text.count
        let isPlain = !value.utf8.isEmpty && !value.utf8.contains { $0 == 0x20 || $0 == 0x22 || $0 == 0x3d }
        append(escaping: value)
        guard !isPlain || text[start...].contains(UInt8(ascii: "\\")) else { return }
        text.removeSubrange(start...)
        text.append(UInt8(ascii: "\""))
        append(escaping: value, andQuotes: true)
        text.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping string: String, andQuotes: Bool = false) {
        let bytes = Array(string.utf8)
        var index = 0
        while index < bytes.count {
            let length = Self.controlLength(bytes[index...])
            if length > 0 {
                append(escape: String(decoding: bytes[index..<index + length], as: UTF8.self))
            } else if bytes[index] == UInt8(ascii: "\\") || andQuotes && bytes[index] == UInt8(ascii: "\"") {
                text += [UInt8(ascii: "\\"), bytes[index]]
            } else {
                text.append(bytes[index])
            }
            index += max(length, 1)
        }
    }

    /// As in JSON, and in four digits at least.
    private mutating func append(escape control: String) {
        for unit in control.utf16 {
            switch unit {
            case 0x09: text += Array("\\t".utf8)
            case 0x0a: text += Array("\\n".utf8)
            case 0x0d: text += Array("\\r".utf8)
            default:
                let digits = String(unit, radix: 16)
                text += Array("\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
            }
        }
    }

    /// How many bytes at the start are one control character: of ASCII and DEL, C1 (U+0080 to U+009F, with the next line
    /// U+0085), the line and paragraph separators, and those that change the direction of writing. 0 where there is none.
    private static func controlLength(_ bytes: ArraySlice<UInt8>) -> Int {
        let first = bytes[bytes.startIndex]
        if first < 0x20 || first == 0x7f { return 1 }
        let next = bytes.dropFirst().prefix(2)
        switch (first, next.first ?? 0, next.last ?? 0) {
        case (0xc2, 0x80...0x9f, _), (0xd8, 0x9c, _): return 2
        case (0xe2, 0x80, 0x8e...0x8f), (0xe2, 0x80, 0xa8...0xae), (0xe2, 0x81, 0xa6...0xa9): return 3
        default: return 0
        }
    }
}
