// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value on one line, without a newline at the end.
    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package var utf8: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Appends the same text as `utf8`.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): appendJSONString(value, to: &bytes)
        case .array(let elements):
            appendList(elements, brackets: ("[", "]"), to: &bytes) { $0.append(to: &$1) }
        case .object(let members):
            appendList(members, brackets: ("{", "}"), to: &bytes) { member, bytes in
                appendJSONString(member.key, to: &bytes)
                bytes.append(contentsOf: ": ".utf8)
                member.value.append(to: &bytes)
            }
        }
    }
}

private func appendList<Element>(
    _ elements: [Element], brackets: (String, String), to bytes: inout [UInt8],
    appending: (Element, inout [UInt8]) -> Void
) {
    bytes.append(contentsOf: brackets.0.utf8)
    for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(contentsOf: ", ".utf8) }
        appending(element, &bytes)
    }
    bytes.append(contentsOf: brackets.1.utf8)
}

/// Appends a JSON string in ASCII: what is outside is `\uXXXX`, above the BMP a surrogate pair, as Python's
/// `json.dumps` writes it (docs/format.md, "Encoding").
package func appendJSONString(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.allSatisfy({ 0x20...0x7e ~= $0 && $0 != 0x22 && $0 != 0x5c }) {
        bytes.append(contentsOf: text.utf8)
    } else {
        appendEscaped(text, to: &bytes)
    }
    bytes.append(UInt8(ascii: "\""))
}

private func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
    for unit in text.utf16 {
        switch unit {
        case 0x22: bytes.append(contentsOf: "\\\"".utf8)
        case 0x5c: bytes.append(contentsOf: "\\\\".utf8)
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x0c: bytes.append(contentsOf: "\\f".utf8)
        case 0x0a: bytes.append(contentsOf: "\\n".utf8)
        case 0x0d: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x20...0x7e: bytes.append(UInt8(unit))
        default:
            bytes.append(contentsOf: "\\u".utf8)
            for shift in [12, 8, 4, 0] { bytes.append(hexDigit(UInt8(unit >> UInt16(shift) & 15))) }
        }
    }
}
