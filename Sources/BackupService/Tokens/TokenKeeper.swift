// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The tokens in force, and where they come from: `$CREDENTIALS_DIRECTORY`, as far as systemd has put them there, or the
/// state directory.
package final class TokenKeeper: Sendable {
    private let state: String
    private let credentials: String?
    private let inForce: Mutex<Tokens>

    /// Reads both, and makes what is missing. Throws `TokenError`, `SystemCallError`.
    package init(state: String, credentials: String?) throws {
        self.state = state
        self.credentials = credentials
        let full = Self.file(.full, state, credentials)
        let read = Self.file(.read, state, credentials)
        let tokens = Tokens(full: try full.readOrMake(), read: try read.readOrMake())
        guard tokens.full != tokens.read else { throw TokenError.bothTheSame(path: read.path, other: full.path) }
        inForce = Mutex(tokens)
    }

    package var tokens: Tokens { inForce.withLock { $0 } }

    /// Reads both again. One that is refused is told to `log`, and the one before it stays in force.
    package func reread(log: (any Error) -> Void) {
        for kind in TokenKind.allCases {
            do { try reread(kind) } catch { log(error) }
        }
    }

    private func reread(_ kind: TokenKind) throws {
        let file = Self.file(kind, state, credentials)
        let token = try file.readOrMake()
        let other: TokenKind = kind == .full ? .read : .full
        try inForce.withLock { tokens in
            guard token != tokens[other] else {
                throw TokenError.bothTheSame(path: file.path, other: Self.file(other, state, credentials).path)
            }
            switch kind {
            case .full: tokens.full = token
            case .read: tokens.read = token
            }
        }
    }

    private static func file(_ kind: TokenKind, _ state: String, _ credentials: String?) -> TokenFile {
        TokenFile(credential: kind, in: credentials) ?? TokenFile(in: state, kind)
    }
}
