// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Posix

extension Configuration.Listener {
    /// As the server takes it. Throws `ListenerError`, `SocketError`.
    func endpoint() throws -> Endpoint {
        Endpoint(try SocketAddress(parsing: address), mode: mode, group: try group.map(Self.id))
    }

    private static func id(ofGroup name: String) throws(ListenerError) -> UInt32 {
        guard let id = SystemGroup.id(of: name) else { throw .unknownGroup(name) }
        return id
    }
}

/// Why the daemon cannot listen as it is told to.
package enum ListenerError: Error, Equatable, CustomStringConvertible {
    case unknownGroup(String)

    package var description: String {
        switch self {
        case .unknownGroup(let name): "listen: there is no group \(name) on this machine"
        }
    }
}
