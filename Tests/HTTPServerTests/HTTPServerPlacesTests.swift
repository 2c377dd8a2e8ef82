// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Posix
import Synchronization
import TestSupport
import Testing

/// Who gives way when there are too many connections. Who sends `X-Known` has rights here.
struct HTTPServerPlacesTests {
    private static let known = [(name: "X-Known", value: "1")]

    private static let admit: @Sendable (Request) -> Admission = { request in
        if request.headers.contains(where: { $0.name.canonicalName == "x-known" }) { return .known }
        if request.path == "/public" { return .anyone }
        return .refused(Response(status: .unauthorized, body: Array("who are you?".utf8)))
    }

    private func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    @Test func `the longest idle of those that nobody knows gives way`() throws {
        let server = try RunningServer(limits: limits { $0.connections = 3 }, admit: Self.admit)
        let first = try server.connect()
        #expect(try first.request("GET", "/public").status == 200)
        let second = try server.connect()
        #expect(try second.request("GET", "/").status == 401)
        let known = try server.connect()
        #expect(try known.request("GET", "/", headers: Self.known).status == 200)
        #expect(try first.request("GET", "/public").status == 200)
        for _ in 0..<20 {
            let other = try server.connect()
            #expect(try other.request("GET", "/", headers: Self.known).status == 200)
        }
        #expect(try second.receivesEnd())
        #expect(try known.request("GET", "/", headers: Self.known).status == 200)
    }

    @Test func `what is known stays so, whatever is asked next`() throws {
        let server = try RunningServer(limits: limits { $0.connections = 2 }, admit: Self.admit)
        let known = try server.connect()
        _ = try known.request("GET", "/", headers: Self.known)
        #expect(try known.request("GET", "/").status == 401)
        #expect(try known.request("GET", "/public").status == 200)
        for _ in 0..<5 { #expect(try server.connect().request("GET", "/public").status == 200) }
        #expect(try known.request("GET", "/public").status == 200)
    }

    @Test func `a listener that is full stops no other one`() throws {
        let addresses: [SocketAddress] = [
            .tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath()),
        ]
        let server = try RunningServer(addresses, limits: limits { $0.connections = 2 }, admit: Self.admit)
        let clients = try (0..<2).map { _ in try server.connect() }
        for client in clients { #expect(try client.request("GET", "/", headers: Self.known).status == 200) }
        let waiting = try server.connect()
        try waiting.send("GET /public HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<10 {
            let other = try RawHTTPClient(server.addresses[1])
            #expect(try other.request("GET", "/public").status == 200)
        }
        try clients[0].send("GET / HTTP/1.1\r\nHost: a\r\nX-Known: 1\r\nConnection: close\r\n\r\n")
        #expect(try clients[0].receive().status == 200)
        #expect(try waiting.receive().status == 200)
    }

    @Test func `the log hears of it, and not of each`() throws {
        let heard = Mutex<[Crowding]>([])
        let server = try RunningServer(
            limits: limits { $0.connections = 1 }, admit: Self.admit,
            tell: { crowding in heard.withLock { $0.append(crowding) } })
        let clients = try (0..<20).map { _ in try server.connect() }
        #expect(eventually { heard.withLock { !$0.isEmpty } })
        for client in clients.dropLast() { #expect(try client.receivesEnd()) }
        #expect(heard.withLock { $0.count } == 1)
        #expect("\(heard.withLock { $0[0] })".contains("that nobody knew gave way"))
    }
}
