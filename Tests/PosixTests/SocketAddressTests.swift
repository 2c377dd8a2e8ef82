// SPDX-License-Identifier: Apache-2.0
import Posix
import Testing

struct SocketAddressTests {
    @Test(arguments: [
        ("unix:/run/x.sock", SocketAddress.unix(path: "/run/x.sock")),
        ("127.0.0.1:8776", .tcp(host: "127.0.0.1", port: 8776)),
        ("0.0.0.0:0", .tcp(host: "0.0.0.0", port: 0)),
        ("[::1]:65535", .tcp(host: "::1", port: 65535)),
        ("[::ffff:192.0.2.7]:80", .tcp(host: "::ffff:192.0.2.7", port: 80)),
    ])
    func `reads an address and writes it the same`(_ text: String, expected: SocketAddress) throws {
        let address = try SocketAddress(parsing: text)
        #expect(address == expected)
        #expect(address.description == text)
    }

    @Test(arguments: [
        ("", SocketError.malformedAddress("")),
        ("127.0.0.1", .malformedAddress("127.0.0.1")),
        ("127.0.0.1:", .malformedAddress("127.0.0.1:")),
        ("127.0.0.1:65536", .malformedAddress("127.0.0.1:65536")),
        ("127.0.0.1:+80", .malformedAddress("127.0.0.1:+80")),
        ("127.0.0.1:-1", .malformedAddress("127.0.0.1:-1")),
        (":80", .malformedAddress(":80")),
        ("::1:80", .malformedAddress("::1:80")),
        ("[127.0.0.1]:80", .malformedAddress("[127.0.0.1]:80")),
        ("[]:80", .malformedAddress("[]:80")),
        ("[:80", .notAnIPAddress(host: "[")),
        ("localhost:80", .notAnIPAddress(host: "localhost")),
        ("127.1:80", .notAnIPAddress(host: "127.1")),
        ("127.0.0.1\0:80", .notAnIPAddress(host: "127.0.0.1\0")),
        ("[::zz]:80", .notAnIPAddress(host: "::zz")),
        ("unix:", .pathNotAbsolute("")),
        ("unix:x.sock", .pathNotAbsolute("x.sock")),
        ("unix:/x\0y", .pathNotAbsolute("/x\0y")),
    ])
    func `refuses what is not an address`(_ text: String, expected: SocketError) {
        #expect(throws: expected) { try SocketAddress(parsing: text) }
    }

    @Test func `a path has to fit`() throws {
        let fits = "/" + String(repeating: "x", count: 106)
        #expect(try SocketAddress(parsing: "unix:\(fits)") == .unix(path: fits))
        #expect(throws: SocketError.pathTooLong(fits + "x", bytes: 108, limit: 107)) {
            try SocketAddress(parsing: "unix:\(fits)x")
        }
    }
}
