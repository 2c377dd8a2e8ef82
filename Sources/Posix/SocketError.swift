// SPDX-License-Identifier: Apache-2.0

/// What is wrong with an address, or with the place where a socket should listen.
package enum SocketError: Error, Equatable, CustomStringConvertible {
    case malformedAddress(String)
    case notAnIPAddress(host: String)
    case pathNotAbsolute(String)
    case pathTooLong(String, bytes: Int, limit: Int)
    case directoryMissing(socketPath: String)
    case notASocket(path: String)
    case anotherProcessListens(address: String)

    package var description: String {
        switch self {
        case .malformedAddress(let text):
            "\(text) is not an address: expected unix:/path, 127.0.0.1:port or [::1]:port"
        case .notAnIPAddress(let host):
            "\(host) is not an IPv4 or IPv6 address"
        case .pathNotAbsolute(let path):
            "the socket path \(path) does not begin with /"
        case .pathTooLong(let path, let bytes, let limit):
            "the socket path \(path) is \(bytes) bytes long, and the system allows \(limit)"
        case .directoryMissing(let socketPath):
            "the directory of the socket \(socketPath) does not exist"
        case .notASocket(let path):
            "\(path) exists and is not a socket"
        case .anotherProcessListens(let address):
            "another process is listening on \(address)"
        }
    }
}
