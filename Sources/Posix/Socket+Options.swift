// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

extension Socket {
    /// Lets a restarted daemon listen again while old connections are in TIME_WAIT.
    func allowAddressReuse() throws(SystemCallError) { try set(SO_REUSEADDR, of: SOL_SOCKET, to: Int32(1)) }

    /// `[::]` must not take the IPv4 port too: the list of addresses says what is listened on.
    func restrictToIPv6() throws(SystemCallError) { try set(IPV6_V6ONLY, of: Int32(IPPROTO_IPV6), to: Int32(1)) }

    /// Answers are written whole, so waiting to fill a segment (Nagle) only delays them.
    package func sendWithoutDelay() throws(SystemCallError) {
        try set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: Int32(1))
    }

    /// How much the system may hold of what is sent and not taken yet: twice this, see socket(7). Otherwise a TCP
    /// connection gets megabytes of it.
    package func setSendBuffer(bytes: Int) throws(SystemCallError) {
        try set(SO_SNDBUF, of: SOL_SOCKET, to: Int32(clamping: bytes))
    }

    /// The same for what has arrived and not been read.
    package func setReceiveBuffer(bytes: Int) throws(SystemCallError) {
        try set(SO_RCVBUF, of: SOL_SOCKET, to: Int32(clamping: bytes))
    }

    /// Makes blocking calls on this socket fail with EAGAIN after `timeout`.
    package func setTimeouts(_ timeout: Duration) throws(SystemCallError) {
        let (seconds, attoseconds) = timeout.components
        let time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        try set(SO_RCVTIMEO, of: SOL_SOCKET, to: time)
        try set(SO_SNDTIMEO, of: SOL_SOCKET, to: time)
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, of level: Int32, to value: Value) throws(SystemCallError)
    {
        let result = withUnsafeBytes(of: value) {
            setsockopt(descriptor.rawValue, level, option, $0.baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw SystemCallError("set an option of", "a socket", .last) }
    }
}

extension Socket {
    /// Where this end is, with the port that port 0 became; nil for a unix socket.
    package func localAddress() throws(SystemCallError) -> SocketAddress? { try address(getsockname) }

    /// Where the other end is; nil for a unix socket.
    package func peerAddress() throws(SystemCallError) -> SocketAddress? { try address(getpeername) }

    /// Who connected to this unix socket, as the kernel saw it at that moment.
    package func peerCredentials() throws(SystemCallError) -> PeerCredentials {
        var (pid, uid, gid): (UInt32, UInt32, UInt32) = (0, 0, 0)
        guard cposix_peer_credentials(descriptor.rawValue, &pid, &uid, &gid) == 0 else {
            throw SystemCallError("read the peer's credentials of", "a socket", .last)
        }
        return PeerCredentials(pid: pid, uid: uid, gid: gid, groups: peerGroups())
    }

    /// They tell more of who it is, and decide nothing: a kernel that does not know them is no reason to refuse a peer.
    private func peerGroups() -> [UInt32] {
        var groups = [UInt32](repeating: 0, count: 32)
        var count = 0
        guard cposix_peer_groups(descriptor.rawValue, &groups, groups.count, &count) == 0 else { return [] }
        if count > groups.count {
            groups = [UInt32](repeating: 0, count: count)
            guard cposix_peer_groups(descriptor.rawValue, &groups, groups.count, &count) == 0 else { return [] }
        }
        return Array(groups.prefix(count))
    }

    private func address(
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(SystemCallError) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor.rawValue, $0, &length) }
        }
        guard result == 0 else { throw SystemCallError("read the address of", "a socket", .last) }
        return SocketAddress(storage)
    }
}
