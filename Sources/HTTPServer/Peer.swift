// SPDX-License-Identifier: Apache-2.0
import Posix

/// Who is at the other end of a connection.
package enum Peer: Hashable, Sendable {
    case unix(PeerCredentials)
    /// `192.0.2.7:40312` or `[2001:db8::7]:40312`
    case tcp(address: String)
}

extension Peer {
    /// Throws when the kernel does not say: a peer nobody can name must not be served.
    init(of socket: Socket) throws(SystemCallError) {
        if let address = try socket.peerAddress() {
            self = .tcp(address: address.description)
        } else {
            self = .unix(try socket.peerCredentials())
        }
    }
}
