// SPDX-License-Identifier: Apache-2.0
import Glibc

extension SocketAddress {
    /// Whether nobody on another machine reaches it: a unix socket, 127.0.0.0/8, ::1.
    package var isOfThisMachine: Bool {
        switch self {
        case .unix: return true
        case .tcp(let host, _) where host.contains(":"):
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1 else { return false }
            let bytes = withUnsafeBytes(of: address) { Array($0) }
            let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127]
            return bytes == [UInt8](repeating: 0, count: 15) + [1] || bytes.starts(with: mapped)
        case .tcp(let host, _): return host.hasPrefix("127.")
        }
    }
}
