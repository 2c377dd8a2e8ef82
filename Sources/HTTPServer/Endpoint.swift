// SPDX-License-Identifier: Apache-2.0
import Posix

/// Where the server listens, and who may connect there.
package struct Endpoint: Sendable {
    package var address: SocketAddress
    /// Of the file of a unix socket.
    package var mode: UInt32
    /// The group of that file; nil for the daemon's own.
    package var group: UInt32?

    package init(_ address: SocketAddress, mode: UInt32 = 0o660, group: UInt32? = nil) {
        self.address = address
        self.mode = mode
        self.group = group
    }
}
