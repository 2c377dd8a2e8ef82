// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes

/// Who may use the API over TCP. On a unix socket the mode of the socket has decided that already.
package enum Authentication: Sendable, Equatable {
    case none
    case token(String)

    /// The `WWW-Authenticate` of an answer to a request without the token.
    static let challenge = "Bearer realm=\"cinderblock\""

    /// Throws `APIError.unauthorized`.
    func check(_ request: Request) throws(APIError) {
        guard admits(request) else { throw .unauthorized }
    }

    func admits(_ request: Request) -> Bool {
        guard case .tcp = request.peer, case .token(let token) = self else { return true }
        return Self.credentials(in: request.headers).contains { Self.matches($0, token) }
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
