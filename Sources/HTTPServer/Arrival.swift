// SPDX-License-Identifier: Apache-2.0
import Posix

/// By which way a request has come.
package struct Arrival: Hashable, Sendable {
    /// The number of the endpoint, in the order in which the server was given them.
    package var listener: Int
    /// The local address of a TCP connection, without brackets; nil on a unix socket.
    package var host: String?

    package init(listener: Int = 0, host: String? = nil) {
        self.listener = listener
        self.host = host
    }
}

extension Arrival {
    init(listener: Int, of socket: Socket) throws(SystemCallError) {
        guard case .tcp(let host, _)? = try socket.localAddress() else {
            self.init(listener: listener)
            return
        }
        self.init(listener: listener, host: host)
    }
}
