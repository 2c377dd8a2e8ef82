// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import HTTPServer
import Posix
import TestSupport
import Testing

struct HTTPServerStopTests {
    @Test func `a running request is finished, an idle connection is closed`() throws {
        let gate = Gate()
        let server = try RunningServer { request in
            if request.path == "/slow" { gate.pass() }
            return RunningServer.echo(request)
        }
        let idle = try server.connectAndAsk()
        let slow = try server.connect()
        try slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { gate.arrived == 1 })

        let stopped = DispatchGroup()
        DispatchQueue(label: "stop").async(group: stopped) { [server = server.server] in
            server.stop(grace: .seconds(60))
        }
        #expect(try idle.receivesEnd())
        #expect(throws: SystemCallError.self) { try server.connect() }
        gate.open()
        let response = try slow.receive()
        #expect(response.text == "GET /slow " && response["Connection"] == "close")
        #expect(try slow.receivesEnd())
        stopped.wait()
    }

    @Test func `what outlasts the grace is closed`() throws {
        let gate = Gate()
        let server = try RunningServer { request in
            gate.pass()
            return RunningServer.echo(request)
        }
        let client = try server.connect()
        try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { gate.arrived == 1 })
        server.server.stop(grace: .milliseconds(10))
        #expect(try client.receivesEnd())
        gate.open()
    }

    @Test func `stopping twice, and before starting, is harmless`() throws {
        let server = try HTTPServer(
            at: [Endpoint(.tcp(host: "127.0.0.1", port: 0))], handler: { .response(RunningServer.echo($0)) })
        server.stop(grace: .zero)
        let other = try RunningServer()
        other.server.stop(grace: .seconds(60))
        other.server.stop(grace: .seconds(60))
    }

    @Test func `the socket file goes, and comes again`() throws {
        let path = RunningServer.socketPath()
        for _ in 0..<3 {
            let server = try RunningServer([.unix(path: path)])
            _ = try server.connectAndAsk()
            #expect(access(path, F_OK) == 0)
            server.server.stop(grace: .seconds(60))
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func `when one address fails, none is listened on`() throws {
        let path = RunningServer.socketPath()
        let other = try RunningServer()
        #expect(throws: SocketError.anotherProcessListens(address: other.addresses[0].description)) {
            try RunningServer([.unix(path: path), other.addresses[0]])
        }
        #expect(access(path, F_OK) != 0)
    }
}
