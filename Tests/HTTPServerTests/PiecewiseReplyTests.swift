// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import HTTPTypes
import Synchronization
import TestSupport
import Testing

/// Answers whose body is made while it is sent.
struct PiecewiseReplyTests {
    private struct Broken: Error {}

    /// Counts as many pieces as the path says, and notes how many it was asked for.
    private final class Source: Sendable {
        let made = Mutex(0)
        private let count: Int
        private let bytes: Int
        private let fails: Bool

        init(count: Int, bytes: Int = 10, fails: Bool = false) {
            self.count = count
            self.bytes = bytes
            self.fails = fails
        }

        func reply() -> Reply {
            made.withLock { $0 = 0 }
            return .pieces(
                PiecewiseReply(headers: [.contentType: "text/plain"]) { [self] in
                    let number = made.withLock { made in
                        made += 1
                        return made
                    }
                    if number > count { return fails ? try { throw Broken() }() : nil }
                    return [UInt8](repeating: UInt8(ascii: "0") + UInt8(number % 10), count: bytes)
                })
        }
    }

    private func server(_ source: Source) throws -> RunningServer {
        try RunningServer(replying: { request in
            request.path == "/pieces" ? source.reply() : .response(RunningServer.echo(request))
        })
    }

    @Test func `the pieces arrive in order, and the connection goes on`() throws {
        let server = try self.server(Source(count: 3))
        let client = try server.connect()
        for _ in 0..<3 {
            try client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try client.receiveHead()
            #expect(head.status == 200 && head["Transfer-Encoding"] == "chunked" && head["Content-Length"] == nil)
            #expect(head["Content-Type"] == "text/plain" && head["Connection"] == "keep-alive")
            for digit in "123" {
                #expect(try client.receiveChunk() == Array(String(repeating: digit, count: 10).utf8))
            }
            #expect(try client.receiveChunk() == nil)
            #expect(try client.request("GET", "/x").text == "GET /x ")
        }
    }

    @Test func `no pieces are an empty body`() throws {
        let server = try self.server(Source(count: 0))
        let client = try server.connect()
        try client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
        #expect(try client.receiveChunk() == nil)
    }

    @Test func `HEAD has none made`() throws {
        let source = Source(count: 3)
        let server = try self.server(source)
        let client = try server.connect()
        #expect(try client.request("HEAD", "/pieces")["Transfer-Encoding"] == "chunked")
        #expect(try client.request("GET", "/x").text == "GET /x ")
        #expect(source.made.withLock { $0 } == 0)
    }

    @Test func `for HTTP 1.0 the body ends with the connection`() throws {
        let server = try self.server(Source(count: 3))
        let client = try server.connect()
        try client.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let response = try client.receive()
        #expect(response["Transfer-Encoding"] == nil && response["Connection"] == "close")
        #expect(response.text == "111111111122222222223333333333")
    }

    @Test func `an error in the middle leaves the body without its end`() throws {
        let server = try self.server(Source(count: 1, fails: true))
        let client = try server.connect()
        try client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
        #expect(try client.receiveChunk()?.count == 10)
        #expect(throws: RawHTTPError.closed(after: 0)) { try client.receiveChunk() }
    }

    @Test func `no piece is made before its peer has taken the one before`() throws {
        let source = Source(count: 40, bytes: 1 << 20)
        let server = try self.server(source)
        let client = try server.connect()
        try client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
        // What the system buffers is a few MiB; others are answered meanwhile.
        for _ in 0..<20 { #expect(try server.connect().request("GET", "/x").status == 200) }
        #expect(source.made.withLock { $0 } < 20)
        var count = 0
        while let chunk = try client.receiveChunk() { count += chunk.count }
        #expect(count == 40 << 20)
    }

    @Test func `a peer that goes away ends it`() throws {
        let source = Source(count: .max, bytes: 1 << 20)
        let server = try self.server(source)
        do {
            let client = try server.connect()
            try client.send("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.receiveHead()
        }
        let isStill: () throws -> Bool = {
            let before = source.made.withLock { $0 }
            for _ in 0..<20 { _ = try server.connect().request("GET", "/x") }
            return source.made.withLock { $0 } == before
        }
        #expect(try eventually { try isStill() })
    }
}
