// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

/// What requests and answers take of memory has a ceiling in bytes.
struct HTTPServerMemoryTests {
    private func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    /// The status that a new client is answered with that announces a body of 40,000 bytes, and sends it.
    private func ask(_ server: RunningServer) throws -> RawHTTPResponse {
        try server.connect().request("POST", "/", body: [UInt8](repeating: 0, count: 40_000))
    }

    @Test func `bodies that are not there yet leave room for so many others`() throws {
        let server = try RunningServer(limits: limits { $0.receivedBytes = 64_000 })
        let slow = try server.connect()
        try slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n")
        try slow.send([UInt8](repeating: 1, count: 30_000))
        #expect(try eventually { try ask(server).status == 503 })
        let refused = try ask(server)
        #expect(refused["Retry-After"] == "1" && refused["Connection"] == "close")
        #expect(try server.connect().request("GET", "/").status == 200)
        try slow.send([UInt8](repeating: 1, count: 10_000))
        #expect(try slow.receive().status == 200)
        #expect(try eventually { try ask(server).status == 200 })
    }

    @Test func `a body of unknown length is refused when the room is used up`() throws {
        let server = try RunningServer(limits: limits { $0.receivedBytes = 50_000 })
        let client = try server.connect()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array("2710\r\n".utf8) + [UInt8](repeating: 1, count: 10_000) + Array("\r\n".utf8)
        for _ in 0..<10 { try? client.send(chunk) }
        #expect(try client.receive().status == 503)
        #expect(try eventually { try ask(server).status == 200 })
    }

    @Test func `what those send whom nobody knows takes nothing from the others`() throws {
        let server = try RunningServer(
            limits: limits {
                $0.strangersBytes = 32_000
                $0.receivedBytes = 50_000
            })
        let strangers = try (0..<8).map { number in
            let client = try server.connect()
            try client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 10_000))
            return client
        }
        #expect(try strangers[0].receivesEnd())
        #expect(try ask(server).status == 200)
        try strangers[7].send("\r\n\r\n")
        #expect(try strangers[7].receive().status == 200)
    }

    @Test func `answers that nobody takes are counted before the next ones are made`() throws {
        let server = try RunningServer(limits: limits { $0.answerBytes = 1 << 20 }) { request in
            Response(status: .ok, body: [UInt8](repeating: 0, count: request.path == "/large" ? 32 << 20 : 1))
        }
        let client = try server.connect()
        try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try eventually { try server.connect().request("GET", "/").status == 503 })
        let refused = try server.connect().request("GET", "/")
        #expect(refused["Retry-After"] == "1")
        #expect(try client.receive().body.count == 32 << 20)
        #expect(try eventually { try server.connect().request("GET", "/").status == 200 })
    }

    @Test func `a client that goes away leaves its room to others`() throws {
        let server = try RunningServer(limits: limits { $0.receivedBytes = 64_000 })
        do {
            let slow = try server.connect()
            try slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n")
            try slow.send([UInt8](repeating: 1, count: 30_000))
            #expect(try eventually { try ask(server).status == 503 })
        }
        #expect(try eventually { try ask(server).status == 200 })
    }
}
