// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import Posix

/// Who asks, and what that one may do: one value that goes with a request.
package struct Principal: Sendable, Equatable {
    enum Identity: Sendable, Equatable {
        /// At the other end of a unix socket, as the kernel saw it when it connected.
        case process(PeerCredentials)
        /// Whoever has this token.
        case token(Access)
        /// Where no token is needed.
        case anybody
        /// Without a token, or with a wrong one.
        case stranger
    }

    let identity: Identity
    let access: Access

    /// Whose receipts these are. A process comes and goes, the user stays.
    var owner: String {
        switch identity {
        case .process(let peer): "uid:\(peer.uid)"
        case .token(let access): "token:\(access.rawValue)"
        case .anybody: "anybody"
        case .stranger: "stranger"
        }
    }

    /// Throws `APIError.forbidden`, which says what would be needed.
    func require(_ needed: Access, for operation: String) throws(APIError) {
        guard access >= needed else { throw .forbidden(operation: operation, needs: needed, has: self) }
    }

    /// As the audit log has it.
    var json: JSONValue {
        let access: JSONValue.Member = .init("access", .string(self.access.rawValue))
        switch identity {
        case .process(let peer):
            return .object([
                .init("uid", JSONValue(Int(peer.uid))), .init("gid", JSONValue(Int(peer.gid))),
                .init("pid", JSONValue(Int(peer.pid))),
                .init("groups", .array(peer.groups.map { JSONValue(Int($0)) })), access,
            ])
        case .token(let kind): return .object([.init("token", .string(kind.rawValue)), access])
        case .anybody, .stranger: return .object([.init("token", .null), access])
        }
    }
}

extension Principal: CustomStringConvertible {
    /// What gives the access, as in a sentence.
    package var description: String {
        switch identity {
        case .process(let peer): "uid \(peer.uid) on this socket"
        case .token(let kind): "the \(kind.rawValue) token on this listener"
        case .anybody: "this listener"
        case .stranger: "a request without a token"
        }
    }
}
