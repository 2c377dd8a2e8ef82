// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Posix

/// Decides by the head of a request who asks, and whether that one is let in.
struct Gate: Sendable {
    private let authentication: Authentication
    private let rules: AccessRules

    init(_ authentication: Authentication, _ rules: AccessRules) {
        self.authentication = authentication
        self.rules = rules
    }

    func principal(of request: Request) -> Principal {
        let identity = authentication.identity(of: request)
        let most =
            switch identity {
            case .process, .anybody: Access.full
            case .token(let access): access
            case .stranger: Access.nothing
            }
        return Principal(identity: identity, access: min(most, access(at: request.arrival.listener)))
    }

    /// More than a listener gives nobody gets there.
    private func access(at listener: Int) -> Access {
        if rules.listeners.isEmpty { return .full }
        return rules.listeners.indices.contains(listener) ? rules.listeners[listener] : .nothing
    }

    /// Throws `wrongHost`, `foreignOrigin`: whoever it is.
    func check(_ request: Request) throws(APIError) {
        // A name that leads here does not bring the token along.
        if case .tcp = request.peer, case .none = authentication { try rules.browsers.checkHost(of: request) }
        try rules.browsers.checkOrigin(of: request)
    }
}
