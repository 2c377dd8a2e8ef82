// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The system's form of an address.
extension SocketAddress {
    /// `sun_path` with room for its terminating zero.
    static var longestPathBytes: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

    /// Whether `text` is an IPv6 address as RFC 4291 (§2.2) writes it: without brackets, and without a zone.
    package static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return !text.utf8.contains(0) && inet_pton(AF_INET6, text, &address) == 1
    }

    var family: Int32 {
        switch self {
        case .unix: AF_UNIX
        case .tcp(let host, _): host.contains(":") ? AF_INET6 : AF_INET
        }
    }

    /// Throws when the system could not express this address.
    func check() throws(SocketError) { _ = try systemAddress() }

    /// Calls `body` with the `sockaddr` of this address.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) throws(SocketError) -> Result
    {
        var (storage, length) = try systemAddress()
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private func systemAddress() throws(SocketError) -> (sockaddr_storage, socklen_t) {
        switch self {
        case .unix(let path): try Self.unixAddress(path)
        case .tcp(let host, let port) where host.contains(":"): try Self.ipv6Address(host, port)
        case .tcp(let host, let port): try Self.ipv4Address(host, port)
        }
    }

    private static func unixAddress(_ path: String) throws(SocketError) -> (sockaddr_storage, socklen_t) {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(0) else { throw .pathNotAbsolute(path) }
        guard bytes.count <= longestPathBytes else {
            throw .pathTooLong(path, bytes: bytes.count, limit: longestPathBytes)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return stored(address)
    }

    private static func ipv4Address(_ host: String, _ port: UInt16) throws(SocketError) -> (sockaddr_storage, socklen_t)
    {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard !host.utf8.contains(0), inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw .notAnIPAddress(host: host)
        }
        return stored(address)
    }

    private static func ipv6Address(_ host: String, _ port: UInt16) throws(SocketError) -> (sockaddr_storage, socklen_t)
    {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard !host.utf8.contains(0), inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else {
            throw .notAnIPAddress(host: host)
        }
        return stored(address)
    }

    /// Any `sockaddr_…` fits into a `sockaddr_storage`: that is what it is for.
    private static func stored<Address>(_ address: Address) -> (sockaddr_storage, socklen_t) {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            withUnsafeBytes(of: address) { bytes.copyMemory(from: $0) }
        }
        return (storage, socklen_t(MemoryLayout<Address>.size))
    }
}

extension SocketAddress {
    /// The TCP address in `storage`; nil for any other family, which has none worth showing.
    init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET: self.init(Self.loaded(storage, as: sockaddr_in.self))
        case AF_INET6: self.init(Self.loaded(storage, as: sockaddr_in6.self))
        default: return nil
        }
    }

    private init?(_ address: sockaddr_in) {
        guard let host = Self.text(AF_INET, address.sin_addr) else { return nil }
        self = .tcp(host: host, port: UInt16(bigEndian: address.sin_port))
    }

    private init?(_ address: sockaddr_in6) {
        guard let host = Self.text(AF_INET6, address.sin6_addr) else { return nil }
        self = .tcp(host: host, port: UInt16(bigEndian: address.sin6_port))
    }

    private static func loaded<Address>(_ storage: sockaddr_storage, as type: Address.Type) -> Address {
        withUnsafeBytes(of: storage) { $0.load(as: type) }
    }

    private static func text<Address>(_ family: Int32, _ address: Address) -> String? {
        var characters = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = characters.withUnsafeMutableBytes { buffer in
            withUnsafePointer(to: address) { pointer in
                inet_ntop(
                    family, pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), socklen_t(buffer.count))
            }
        }
        guard written != nil else { return nil }
        return String(decoding: characters.prefix { $0 != 0 }, as: UTF8.self)
    }
}
