// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// A non-blocking socket that accepts connections at one address.
package struct ListeningSocket: Sendable {
    package let socket: Socket
    /// Where it listens, with the port that port 0 became.
    package let address: SocketAddress
    private let file: SocketFile?

    /// A unix socket is reachable with `mode` from the first moment, never with a wider one, nor for the members of
    /// another group than `group`, where that is not the daemon's own.
    package init(at address: SocketAddress, mode: UInt32 = 0o660, group: UInt32? = nil) throws {
        if case .unix(let path) = address { try SocketFile.makeRoom(at: path) }
        let socket = try Socket(for: address, blocking: false)
        do {
            self.file = try socket.bind(to: address, mode: mode, group: group)
            try socket.listen(at: address)
            self.address = try socket.localAddress() ?? address
            self.socket = socket
        } catch {
            socket.close()
            throw error
        }
    }

    /// The next connection, non-blocking and closed on exec. Throws EAGAIN when there is none.
    package func accept() throws(SystemCallError) -> Socket {
        let raw = retryingInterrupted { Int(cposix_accept(socket.descriptor.rawValue)) }
        guard raw >= 0 else { throw SystemCallError("accept a connection on", address.description, .last) }
        return Socket(descriptor: FileDescriptor(rawValue: Int32(raw)))
    }

    /// Removes the file of a unix socket, if it is still ours. Do this before `close()`: while we listen, nobody else
    /// takes the file for a stale one, so the file removed here cannot be another daemon's.
    package func removeFile() { file?.remove() }

    package func close() { socket.close() }
}

extension Socket {
    fileprivate func bind(to address: SocketAddress, mode: UInt32, group: UInt32?) throws -> SocketFile? {
        switch address {
        case .unix(let path):
            // Linux gives the new file the mode of the socket itself, less the umask (unix_bind in the kernel): so
            // it is narrowed before there is a file, and what the umask took away is given back after.
            let first = group == nil ? mode : mode & 0o700
            guard fchmod(descriptor.rawValue, first) == 0 else { throw SystemCallError("set the mode of", path, .last) }
            try bindToSystemAddress(of: address)
            return try SocketFile(created: path, mode: mode, group: group)
        case .tcp(let host, _):
            try allowAddressReuse()
            if host.contains(":") { try restrictToIPv6() }
            try bindToSystemAddress(of: address)
            return nil
        }
    }

    private func bindToSystemAddress(of address: SocketAddress) throws {
        let result = try address.withSystemAddress { Glibc.bind(descriptor.rawValue, $0, $1) }
        if result == 0 { return }
        if Errno.last == .addressInUse { throw SocketError.anotherProcessListens(address: address.description) }
        throw SystemCallError("listen on", address.description, .last)
    }

    fileprivate func listen(at address: SocketAddress) throws {
        if Glibc.listen(descriptor.rawValue, SOMAXCONN) == 0 { return }
        if Errno.last == .addressInUse { throw SocketError.anotherProcessListens(address: address.description) }
        throw SystemCallError("listen on", address.description, .last)
    }
}
