// SPDX-License-Identifier: Apache-2.0

/// The tokens in force.
package struct Tokens: Sendable, Equatable {
    package var full: String
    package var read: String?

    package init(full: String, read: String? = nil) {
        self.full = full
        self.read = read
    }

    subscript(kind: TokenKind) -> String? {
        switch kind {
        case .full: full
        case .read: read
        }
    }

    /// The most that one of these credentials gives.
    func access(of credentials: [String]) -> Access {
        TokenKind.allCases.filter { kind in
            guard let token = self[kind] else { return false }
            return credentials.contains { Self.matches($0, token) }
        }.map(\.access).max() ?? .nothing
    }

    /// `TOKEN` or `TOKEN:anything`: the second is what `cinder --os-auth-type noauth --os-user-id TOKEN` sends.
    ///
    /// The time it takes depends on the length of the token, which is no secret, and not on its bytes.
    private static func matches(_ given: String, _ token: String) -> Bool {
        let given = Array(given.utf8)
        let token = Array(token.utf8)
        guard !token.isEmpty, given.count >= token.count else { return false }
        guard given.count == token.count || given[token.count] == UInt8(ascii: ":") else { return false }
        return zip(given, token).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Which token it is.
package enum TokenKind: String, Sendable, CaseIterable {
    case full, read

    var access: Access {
        switch self {
        case .full: .full
        case .read: .read
        }
    }

    /// The file in the state directory, or among systemd's credentials.
    package var fileName: String {
        switch self {
        case .full: "token"
        case .read: "token.read"
        }
    }
}
