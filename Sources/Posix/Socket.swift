// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// A stream socket, closed on exec. As with `FileDescriptor`, whoever owns the value closes it, once.
package struct Socket: Sendable {
    package let descriptor: FileDescriptor

    init(descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// A new socket for addresses like `address`.
    init(for address: SocketAddress, blocking: Bool) throws(SystemCallError) {
        var type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        if !blocking { type |= Int32(SOCK_NONBLOCK.rawValue) }
        let raw = Glibc.socket(address.family, type, 0)
        guard raw >= 0 else { throw SystemCallError("create a socket for", address.description, .last) }
        self.init(descriptor: FileDescriptor(rawValue: raw))
    }

    /// A blocking socket connected to `address`.
    package init(connectedTo address: SocketAddress) throws {
        try self.init(for: address, blocking: true)
        do {
            try connect(to: address)
        } catch {
            close()
            throw error
        }
    }

    func connect(to address: SocketAddress) throws {
        let result = try address.withSystemAddress { pointer, length in
            retryingInterrupted { Int(Glibc.connect(descriptor.rawValue, pointer, length)) }
        }
        guard result == 0 else { throw SystemCallError("connect to", address.description, .last) }
    }

    /// The same socket under the lowest number that is free; this one is closed. Itself where that fails.
    package func renumbered() -> Socket {
        let number = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { return self }
        close()
        return Socket(descriptor: FileDescriptor(rawValue: number))
    }

    package func close() { _ = Glibc.close(descriptor.rawValue) }
}

/// Bytes in and out. Every failure is thrown, "would block" among them: the caller knows what to do then.
extension Socket {
    /// How many bytes arrived; 0 when the peer has sent everything it will send.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemCallError) -> Int {
        let count = retryingInterrupted { recv(descriptor.rawValue, buffer.baseAddress, buffer.count, 0) }
        guard count >= 0 else { throw SystemCallError("receive from", "a socket", .last) }
        return count
    }

    /// How many of `bytes` the system took. A vanished peer is an error, never SIGPIPE.
    package func send(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> Int {
        let count = retryingInterrupted {
            bytes.withUnsafeBytes { Glibc.send(descriptor.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        guard count >= 0 else { throw SystemCallError("send to", "a socket", .last) }
        return count
    }

    /// Tells the peer that nothing more will be sent. A peer that has left already does not need to know.
    package func finishSending() { _ = shutdown(descriptor.rawValue, Int32(SHUT_WR)) }
}

/// Repeats a call for as long as a signal interrupts it.
func retryingInterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result != -1 || Errno.last != .interrupted { return result }
    }
}

extension Errno {
    /// The calling thread's `errno`.
    static var last: Errno { Errno(rawValue: Glibc.errno) }
}
