// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

/// The owner of a server is asked when a head has arrived, and not later.
struct AdmissionTests {
    private static let admit: @Sendable (Request) -> Admission = { request in
        if request.path == "/mine" { return .refused(Response(status: .unauthorized, body: Array("no".utf8))) }
        return request.path == "/public" ? .anyone : .known
    }

    private func server(_ handled: @escaping @Sendable (Request) -> Void = { _ in }) throws -> RunningServer {
        try RunningServer(
            admit: Self.admit,
            replying: { request in
                handled(request)
                return .response(RunningServer.echo(request))
            })
    }

    @Test(arguments: ["Content-Length: 1000000", "Transfer-Encoding: chunked", "Content-Length: 1"])
    func `who is refused hears so before the body`(framing: String) throws {
        let server = try self.server { Issue.record("handled \($0.target)") }
        let client = try server.connect()
        try client.send("POST /mine HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
        let response = try client.receive()
        #expect(response.status == 401 && response.text == "no" && response["Connection"] == "close")
        #expect(try client.receivesEnd())
    }

    @Test func `who sends the body all the same hears so, too`() throws {
        let server = try self.server { Issue.record("handled \($0.target)") }
        for _ in 0..<20 {
            let client = try server.connect()
            try client.send("POST /mine HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            try client.send([UInt8](repeating: 0, count: 1_000_000))
            #expect(try client.receive().status == 401)
        }
    }

    @Test func `nobody is asked for a body that is not wanted`() throws {
        let server = try self.server()
        let client = try server.connect()
        try client.send("POST /mine HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(try client.receive().status == 401)
    }

    @Test func `what follows a refused body is nobody's request`() throws {
        let seen = Mutex<[String]>([])
        let server = try self.server { request in seen.withLock { $0.append(request.target) } }
        let client = try server.connect()
        try client.send("POST /mine HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        try? client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.receive().status == 401)
        #expect(try client.receivesEnd())
        #expect(seen.withLock { $0.isEmpty })
    }

    @Test func `without a body the connection goes on`() throws {
        let server = try self.server()
        let client = try server.connect()
        for _ in 0..<3 {
            let response = try client.request("GET", "/mine")
            #expect(response.status == 401 && response["Connection"] == "keep-alive")
            #expect(try client.request("POST", "/other", body: Array("x".utf8)).text == "POST /other x")
        }
    }

    @Test func `any number of refused requests may wait behind one another`() throws {
        let server = try self.server()
        let client = try server.connect()
        let request = "GET /mine HTTP/1.1\r\nHost: a\r\n\r\n"
        try client.send(String(repeating: request, count: 2_000))
        for _ in 0..<2_000 { #expect(try client.receive().status == 401) }
        #expect(try client.request("GET", "/public").text == "GET /public ")
    }

    @Test func `of a peer that never stops sending so much is read`() throws {
        var limits = Limits()
        limits.lingerBytes = 100_000
        let server = try RunningServer(limits: limits, admit: Self.admit)
        let client = try server.connect()
        try client.send("POST /mine HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(try client.receive().status == 401)
        let piece = [UInt8](repeating: 0, count: 100_000)
        // The limit on time is 2 s, and this client could send gigabytes until then.
        var sent = 0
        while sent < 1 << 30, (try? client.send(piece)) != nil { sent += piece.count }
        #expect(sent < 64 << 20)
    }
}
