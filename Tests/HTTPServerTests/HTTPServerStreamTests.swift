// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPServer
import HTTPTypes
import Posix
import Synchronization
import TestSupport
import Testing

struct HTTPServerStreamTests {
    private let source = StreamSource()

    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `pieces arrive as they are sent, until the end`(_ address: SocketAddress) throws {
        let server = try RunningServer([address], replying: source.reply)
        let client = try server.connect()
        try client.ask("/stream")
        let head = try client.receiveHead()
        #expect(head.status == 200 && head["Transfer-Encoding"] == "chunked" && head["Content-Length"] == nil)
        #expect(head["Content-Type"] == "text/plain" && head["Connection"] == "close")
        #expect(try client.receivesChunks("begin "))
        for number in 0..<50 {
            source.streams[0].send(Array("piece \(number)\n".utf8))
            #expect(try client.receivesChunks("piece \(number)\n"))
        }
        #expect(source.over == 0)
        source.streams[0].send(Array("last".utf8))
        source.streams[0].finish()
        #expect(try client.receivesChunks("last"))
        #expect(try client.receiveChunk() == nil)
        #expect(try client.receivesEnd())
        #expect(source.waitUntilOver(1))
    }

    @Test func `HTTP 1.0 gets the pieces without a frame`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        try client.ask("/stream", version: "HTTP/1.0")
        let head = try client.receiveHead()
        #expect(head["Transfer-Encoding"] == nil && head["Content-Length"] == nil && head["Connection"] == "close")
        source.streams[0].send(Array("and end".utf8))
        source.streams[0].finish()
        var body: [UInt8] = []
        while let bytes = try client.receiveBytes() { body += bytes }
        #expect(String(decoding: body, as: UTF8.self) == "begin and end")
    }

    @Test func `HEAD gets the head, and the connection goes on`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        try client.ask("/stream", "HEAD")
        let head = try client.receive(toHead: true)
        #expect(head.status == 200 && head["Transfer-Encoding"] == "chunked" && head["Connection"] == "keep-alive")
        #expect(source.over == 1)
        #expect(try client.request("GET", "/x").text == "GET /x ")
    }

    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `a peer that hangs up is noticed without a byte being sent`(_ address: SocketAddress) throws {
        let server = try RunningServer([address], replying: source.reply)
        for path in ["/stream", "/later"] {
            let before = source.over
            do {
                let client = try server.connect()
                try client.ask(path)
                #expect(eventually { source.streams.count + source.laters.count == before + 1 })
            }
            #expect(source.waitUntilOver(before + 1), "\(path)")
        }
    }

    @Test func `what a peer sends meanwhile is left where it is`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        try client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(source.waitForLaters(1))
        try client.ask("/third")
        source.laters[0].wake()
        #expect(try client.receive().text == "later")
        #expect(try client.receive().text == "GET /next ")
        #expect(try client.receive().text == "GET /third ")
    }

    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `a peer that does not read is dropped, and holds up nobody`(_ address: SocketAddress) throws {
        let server = try RunningServer([address], replying: source.reply)
        let client = try RawHTTPClient(server.addresses[0], receiveBuffer: 4096)
        try client.ask("/stream")
        #expect(source.waitForStreams(1))
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
        var count = 0
        // What the system takes, what waits here, and what was being sent: far from this.
        while source.over == 0, count < 8 << 10 {
            source.streams[0].send(piece)
            count += 1
            if count.isMultiple(of: 32) { #expect(try server.connect().request("GET", "/").status == 200) }
        }
        #expect(source.waitUntilOver(1))
    }

    @Test func `a peer that takes nothing for too long is dropped`() throws {
        var limits = Limits()
        limits.writeTimeout = .milliseconds(100)
        let source = StreamSource(bufferBytes: 64 << 20)
        let server = try RunningServer(limits: limits, replying: source.reply)
        let client = try RawHTTPClient(server.addresses[0], receiveBuffer: 4096)
        try client.ask("/stream")
        #expect(source.waitForStreams(1))
        source.streams[0].send([UInt8](repeating: 0, count: 32 << 20))
        #expect(source.waitUntilOver(1))
    }

    @Test func `a stream that is silent is not dropped`() throws {
        var limits = Limits()
        limits.writeTimeout = .milliseconds(40)
        limits.idleTimeout = .milliseconds(40)
        let server = try RunningServer(limits: limits, replying: source.reply)
        let client = try server.connect()
        try client.ask("/stream")
        _ = try client.receiveHead()
        #expect(try client.receivesChunks("begin "))
        // Other connections come to the end of their time meanwhile.
        for _ in 0..<5 { #expect(try server.connectAndAsk().receivesEnd()) }
        source.streams[0].send([1])
        #expect(try client.receiveChunk() == [1])
    }

    @Test func `beyond the limit they are refused, and others are not`() throws {
        var limits = Limits()
        limits.lastingReplies = 2
        let server = try RunningServer(limits: limits, replying: source.reply)
        let stream = try server.connect()
        try stream.ask("/stream")
        _ = try stream.receiveHead()
        let later = try server.connect()
        try later.ask("/later")
        #expect(source.waitForLaters(1))
        for (path, over) in [("/stream", 1), ("/later", 2)] {
            let refused = try server.connect().request("GET", path)
            #expect(refused.status == 503 && refused["Retry-After"] == "10" && refused["Connection"] == "close")
            #expect(source.over == over)
        }
        #expect(try server.connect().request("GET", "/x").text == "GET /x ")
        source.laters[0].wake()
        #expect(try later.receive().text == "later")
        try later.ask("/stream")
        #expect(try later.receiveHead().status == 200)
    }

    @Test func `a thousand peers that do not read cost no thread`() throws {
        try DescriptorLimit.raise(to: 4096)
        let server = try RunningServer(replying: source.reply)
        _ = try server.connectAndAsk()
        let peers = try (0..<1000).map { _ in
            let peer = try RawHTTPClient(server.addresses[0], receiveBuffer: 4096)
            try peer.ask("/stream")
            return peer
        }
        #expect(source.waitForStreams(1000))
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        for _ in 0..<20 { for stream in source.streams { stream.send(piece) } }
        // 1,000 threads would show, whatever else runs beside this.
        #expect(try threadCount() < 300)
        #expect(try server.connect().request("GET", "/x").text == "GET /x ")
        #expect(source.over == 0)
        _ = peers.count
    }
}
