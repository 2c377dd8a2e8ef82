// SPDX-License-Identifier: Apache-2.0
import Posix

/// The value of a Host header: `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2).
enum Host {
    /// An empty host is valid: a client whose URI has no authority sends that.
    static func isValid(_ text: Substring) -> Bool {
        let (name, port) = split(text)
        guard port.utf8.allSatisfy(\.isDigit) else { return false }
        return name.hasPrefix("[") ? isLiteral(name) : isName(name)
    }

    /// The port follows the last colon that is not part of an address in brackets.
    private static func split(_ text: Substring) -> (name: Substring, port: Substring) {
        let name = text.hasPrefix("[") ? text.prefix { $0 != "]" } : text.prefix { $0 != ":" }
        let rest = text[name.endIndex...]
        guard let colon = rest.firstIndex(of: ":") else { return (text, "") }
        return (text[..<colon], rest[rest.index(after: colon)...])
    }

    /// RFC 3986 §3.2.2: in brackets stands an IPv6 address, or one of a version to come (`[v1.x]`). A zone has no place
    /// in an address that is sent to another machine.
    private static func isLiteral(_ text: Substring) -> Bool {
        guard text.hasSuffix("]") else { return false }
        let address = text.dropFirst().dropLast()
        return SocketAddress.isIPv6(String(address)) || isFutureAddress(address)
    }

    private static func isFutureAddress(_ text: Substring) -> Bool {
        guard text.prefix(1).equalsIgnoringASCIICase("v"), let dot = text.firstIndex(of: ".") else { return false }
        let version = text[..<dot].dropFirst()
        let rest = text[text.index(after: dot)...]
        return !version.isEmpty && version.utf8.allSatisfy { $0.hexDigitValue != nil }
            && !rest.isEmpty && rest.utf8.allSatisfy { isInName($0) || $0 == UInt8(ascii: ":") }
    }

    /// RFC 3986 §3.2.2: unreserved, percent-encoded and sub-delims.
    private static func isName(_ text: Substring) -> Bool {
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                for _ in 0..<2 where rest.popFirst()?.hexDigitValue == nil { return false }
            } else if !isInName(byte) {
                return false
            }
        }
        return true
    }

    /// A comma is one of the sub-delims, but here it is a list of hosts.
    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~!$&'()*+;=".utf8.contains(byte)
        }
    }
}
