// SPDX-License-Identifier: Apache-2.0

/// Where a stream socket listens, or connects to. `host` is an IPv4 or IPv6 literal without brackets: no name is
/// ever resolved, so an address means the same thing at every start.
package enum SocketAddress: Hashable, Sendable {
    case unix(path: String)
    case tcp(host: String, port: UInt16)

    /// `unix:/run/cinderblock/api.sock`, `127.0.0.1:8776` or `[::1]:8776`.
    package init(parsing text: String) throws(SocketError) {
        let address = try Self.read(text)
        try address.check()
        self = address
    }

    private static func read(_ text: String) throws(SocketError) -> SocketAddress {
        if text.hasPrefix("unix:") { return .unix(path: String(text.dropFirst("unix:".count))) }
        guard let colon = text.lastIndex(of: ":"), let port = port(text[text.index(after: colon)...]) else {
            throw .malformedAddress(text)
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        // Without brackets the last group of an IPv6 address would be taken for the port.
        guard !host.isEmpty, host.contains(":") == isBracketed else { throw .malformedAddress(text) }
        return .tcp(host: String(host), port: port)
    }

    private static func port(_ digits: Substring) -> UInt16? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(digits)
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
