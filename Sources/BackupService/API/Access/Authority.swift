// SPDX-License-Identifier: Apache-2.0

/// A host and a port, as in a `Host` header.
struct Authority: Hashable, Sendable {
    /// In lower case, an IPv6 address without its brackets.
    let host: String
    /// nil where none is said: that of the scheme.
    let port: UInt16?

    /// nil when `text` is none. An empty host is one: a client whose URI has no authority sends that.
    init?(_ text: some StringProtocol) {
        let name = text.hasPrefix("[") ? text.prefix { $0 != "]" } : text.prefix { $0 != ":" }
        var rest = text[name.endIndex...]
        if text.hasPrefix("[") {
            guard rest.hasPrefix("]") else { return nil }
            rest = rest.dropFirst()
        }
        if rest.isEmpty || rest == ":" {
            port = nil
        } else {
            guard rest.hasPrefix(":"), rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(rest.dropFirst())
            else { return nil }
            port = number
        }
        host = (text.hasPrefix("[") ? name.dropFirst() : name).lowercased()
    }
}

/// Where a page has come from, as a browser says it (RFC 6454): `https://backups.example.org`.
struct Origin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: UInt16

    /// nil for `null`, and for everything else that is no origin of a page.
    init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let usual = Self.ports[parts[0].lowercased()],
            parts[1].utf8.allSatisfy(Self.isInAuthority), let authority = Authority(parts[1]), !authority.host.isEmpty
        else { return nil }
        scheme = parts[0].lowercased()
        host = authority.host
        port = authority.port ?? usual
    }

    /// Whether pages from here are served under this authority.
    func isServed(under authority: Authority) -> Bool {
        host == authority.host && port == authority.port ?? Self.ports[scheme]
    }

    private static let ports: [String: UInt16] = ["http": 80, "https": 443]

    /// No path, no user, no list.
    private static func isInAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._[]:".utf8.contains(byte)
        }
    }
}
