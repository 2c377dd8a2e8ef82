// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPServer
import HTTPTypes
import Posix
import Synchronization
import TestSupport
import Testing

struct HTTPServerTests {
    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `answers several requests on one connection`(_ address: SocketAddress) throws {
        let server = try RunningServer([address])
        let client = try server.connect()
        for number in 0..<5 {
            let response = try client.request("POST", "/\(number)", body: Array("hello".utf8))
            #expect(response.status == 200 && response.reason == "OK")
            #expect(response.text == "POST /\(number) hello")
            #expect(response["connection"] == "keep-alive" && response["Date"] != nil)
        }
    }

    @Test func `closes when the client asks for it`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        #expect(try client.request("GET", "/", headers: [("Connection", "close")])["Connection"] == "close")
        #expect(try client.receivesEnd())
        let old = try server.connect()
        try old.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try old.receive()["Connection"] == "close")
        #expect(try old.receivesEnd())
    }

    @Test func `closes when the handler asks for it`() throws {
        let server = try RunningServer { _ in Response(status: .ok, headers: [.connection: "close"]) }
        let client = try server.connectAndAsk()
        #expect(try client.receivesEnd())
    }

    @Test func `answers HEAD without a body`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        let head = try client.request("HEAD", "/x")
        #expect(head["Content-Length"] == "\("HEAD /x ".utf8.count)")
        #expect(try client.request("GET", "/y").text == "GET /y ")
    }

    @Test func `answers pipelined requests in order`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        try client.send((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for number in 0..<50 { #expect(try client.receive().text == "GET /\(number) ") }
    }

    @Test func `asks for a body that is held back`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(try client.receive().status == 100)
        try client.send("hello")
        #expect(try client.receive().text == "POST / hello")
    }

    @Test func `does not ask for a body that is too large`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n")
        #expect(try client.receive().status == 413)
        #expect(try client.receivesEnd())
    }

    @Test func `the answer to a refused body reaches a client that sends it all the same`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
        try? client.send([UInt8](repeating: 0, count: 2_000_000))
        let response = try client.receive()
        #expect(response.status == 413 && response["Connection"] == "close")
        #expect(response.text == "the request body is larger than 1048576 bytes\n")
    }

    @Test func `carries a body of the largest size both ways`() throws {
        let server = try RunningServer { request in Response(status: .ok, body: request.body) }
        let client = try server.connect()
        let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try client.request("PUT", "/", body: body).body == body)
        try client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n")
        try client.send(body + Array("\r\n0\r\n\r\n".utf8))
        #expect(try client.receive().body == body)
    }

    @Test func `a client that stops sending still gets its answer`() throws {
        let server = try RunningServer()
        let client = try server.connect()
        try client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        client.finishSending()
        #expect(try client.receive().text == "GET /x ")
        #expect(try client.receivesEnd())
    }

    @Test func `the owner shapes refusals`() throws {
        let server = try HTTPServer(
            at: [Endpoint(.tcp(host: "127.0.0.1", port: 0))],
            refuse: { Response(status: $0.status, body: Array("{}".utf8)) },
            handler: { _ in .response(Response(status: .ok)) })
        let client = try RawHTTPClient(try #require(try server.start().first))
        defer { server.stop(grace: .zero) }
        try client.send("nonsense\r\n\r\n")
        let response = try client.receive()
        #expect(response.status == 400 && response.text == "{}")
    }

    @Test func `knows the peer`() throws {
        let seen = Mutex<[Peer]>([])
        let server = try RunningServer([
            .unix(path: RunningServer.socketPath()), .tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0),
        ]) { request in
            seen.withLock { $0.append(request.peer) }
            return Response(status: .ok)
        }
        for address in server.addresses { _ = try RawHTTPClient(address).request("GET", "/") }
        let peers = seen.withLock { $0 }
        #expect(peers[0] == .unix(PeerCredentials.ofThisProcess))
        #expect("\(peers[1])".contains("\"127.0.0.1:") && "\(peers[2])".contains("\"[::1]:"))
    }

    @Test func `runs a bounded number of handlers, in the order of the requests`() throws {
        var limits = Limits()
        limits.runningHandlers = 2
        let gate = Gate()
        let order = Mutex<[String]>([])
        let server = try RunningServer(limits: limits) { request in
            order.withLock { $0.append(request.target) }
            gate.pass()
            return Response(status: .ok)
        }
        var clients: [RawHTTPClient] = []
        for number in 0..<5 {
            let client = try server.connect()
            try client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
            clients.append(client)
            #expect(eventually { gate.arrived == min(number + 1, 2) })
        }
        gate.open()
        for client in clients { #expect(try client.receive().status == 200) }
        #expect(Set(order.withLock { $0 }) == Set((0..<5).map { "/\($0)" }))
        #expect(Set(order.withLock { $0.prefix(2) }) == ["/0", "/1"])
    }

    @Test func `what is quick is answered while all handlers are stuck`() throws {
        var limits = Limits()
        limits.runningHandlers = 2
        let gate = Gate()
        let server = try RunningServer(limits: limits, isQuick: { $0.path == "/quick" }) { request in
            if request.path != "/quick" { gate.pass() }
            return .response(Response(status: .ok))
        }
        let stuck = try (0..<5).map { _ in
            let client = try server.connect()
            try client.send("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n")
            return client
        }
        #expect(eventually { gate.arrived == 2 })
        let client = try server.connect()
        for _ in 0..<10 { #expect(try client.request("GET", "/quick").status == 200) }
        #expect(gate.arrived == 2)
        gate.open()
        for client in stuck { #expect(try client.receive().status == 200) }
    }

    @Test func `who only looks does not wait behind those who change something`() throws {
        let gate = Gate()
        var limits = Limits()
        limits.changingHandlers = 2
        let server = try RunningServer(limits: limits) { request in
            if request.method == .post { gate.pass() }
            return Response(status: .ok)
        }
        let changing = try (0..<4).map { _ in try server.connect() }
        for client in changing { try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n") }
        #expect(eventually { gate.arrived == 2 })
        #expect(try server.connect().request("GET", "/").status == 200)
        #expect(try server.connect().request("HEAD", "/").status == 200)
        #expect(gate.arrived == 2, "no more than may change something at a time")
        gate.open()
        for client in changing { #expect(try client.receive().status == 200) }
    }

    @Test func `answers while every core is busy`() throws {
        let isDone = Atomic(false)
        let busy = DispatchGroup()
        for _ in 0..<64 {
            DispatchQueue.global().async(group: busy) { while !isDone.load(ordering: .relaxed) {} }
        }
        let server = try RunningServer()
        #expect(try server.connect().request("GET", "/x").text == "GET /x ")
        isDone.store(true, ordering: .relaxed)
        busy.wait()
    }
}
