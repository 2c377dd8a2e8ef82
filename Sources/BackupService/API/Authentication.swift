// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes

/// Who may use the API over TCP. On a unix socket the mode of the socket has decided that already.
package enum Authentication: Sendable {
    case none
    /// They are asked for at every request: a token can be replaced while the daemon runs.
    case tokens(@Sendable () -> Tokens)

    /// One token, for everything.
    static func token(_ token: String) -> Authentication { .tokens { Tokens(full: token) } }

    /// The `WWW-Authenticate` of an answer to a request without the token.
    static let challenge = "Bearer realm=\"cinderblock\""

    func identity(of request: Request) -> Principal.Identity {
        switch (request.peer, self) {
        case (.unix(let peer), _): return .process(peer)
        case (.tcp, .none): return .anybody
        case (.tcp, .tokens(let tokens)):
            let access = tokens().access(of: Self.credentials(in: request.headers))
            return access == .nothing ? .stranger : .token(access)
        }
    }

    private static func credentials(in headers: HTTPFields) -> [String] {
        var credentials: [String] = []
        if let token = headers.value(of: "X-Auth-Token") { credentials.append(token) }
        if let authorization = headers[.authorization] {
            let words = authorization.split(separator: " ")
            if words.count == 2, words[0].lowercased() == "bearer" { credentials.append(String(words[1])) }
        }
        return credentials
    }
}
