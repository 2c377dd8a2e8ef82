// SPDX-License-Identifier: Apache-2.0

/// The value of a Host header: `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2).
enum Host {
    /// An empty host is valid: a client whose URI has no authority sends that.
    static func isValid(_ text: Substring) -> Bool {
        let (name, port) = split(text)
        guard port.utf8.allSatisfy(\.isDigit) else { return false }
        if name.hasPrefix("[") {
            return name.hasSuffix("]") && name.dropFirst().dropLast().utf8.allSatisfy(isInsideBrackets)
        }
        return name.utf8.allSatisfy(isInName)
    }

    /// The port follows the last colon that is not part of an address in brackets.
    private static func split(_ text: Substring) -> (name: Substring, port: Substring) {
        let name = text.hasPrefix("[") ? text.prefix { $0 != "]" } : text.prefix { $0 != ":" }
        let rest = text[name.endIndex...]
        guard let colon = rest.firstIndex(of: ":") else { return (text, "") }
        return (text[..<colon], rest[rest.index(after: colon)...])
    }

    private static func isInsideBrackets(_ byte: UInt8) -> Bool { isInName(byte) || byte == UInt8(ascii: ":") }

    /// RFC 3986 §3.2.2: unreserved, percent-encoded and sub-delims; a comma here is a list of hosts.
    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%!$&'()*+;=".utf8.contains(byte)
        }
    }
}
