// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

struct HTTPServerDeadlineTests {
    @Test(arguments: ["G", "GET / HTTP/1.1\r\nHost: a\r\nX", "\r\n"])
    func `a slow head is answered with 408`(_ begin: String) throws {
        let server = try RunningServer(limits: limits { $0.headTimeout = .milliseconds(100) })
        let client = try server.connect()
        try client.send(begin)
        #expect(try server.connect().request("GET", "/").status == 200)
        #expect(try client.receive().status == 408)
        #expect(try client.receivesEnd())
    }

    @Test func `a head that trickles in is not given more time`() throws {
        let server = try RunningServer(limits: limits { $0.headTimeout = .milliseconds(100) })
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nX: ")
        // Each byte comes within the timeout; together they do not.
        let isClosed = eventually {
            do { try client.send("x") } catch { return true }
            return false
        }
        #expect(isClosed)
    }

    @Test func `a slow body is answered with 408`() throws {
        let server = try RunningServer(limits: limits { $0.bodyTimeout = .milliseconds(100) })
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell")
        #expect(try client.receive().status == 408)
        #expect(try client.receivesEnd())
    }

    @Test func `an idle connection is closed without a word`() throws {
        let server = try RunningServer(limits: limits { $0.idleTimeout = .milliseconds(100) })
        let fresh = try server.connect()
        let used = try server.connectAndAsk()
        #expect(try fresh.receivesEnd())
        #expect(try used.receivesEnd())
    }

    @Test func `a client that does not read its answer is dropped`() throws {
        let limits = limits {
            $0.writeTimeout = .milliseconds(100)
            $0.connections = 1
        }
        let server = try RunningServer(limits: limits) { request in
            Response(status: .ok, body: request.path == "/big" ? [UInt8](repeating: 0, count: 32 << 20) : [])
        }
        let client = try server.connect()
        try client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        // There is room for one connection, so this is answered when the first is gone.
        #expect(try server.connect().request("GET", "/").status == 200)
    }

    @Test func `a client that does not close after the last answer is dropped`() throws {
        let limits = limits {
            $0.lingerTimeout = .milliseconds(100)
            $0.connections = 1
        }
        let server = try RunningServer(limits: limits)
        let client = try server.connect()
        #expect(try client.request("GET", "/", headers: [("Connection", "close")]).status == 200)
        #expect(try server.connect().request("GET", "/").status == 200)
    }

    private func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }
}
