// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPServer
import HTTPTypes
import Posix
import TestSupport
import Testing

struct HTTPServerLaterTests {
    private let source = StreamSource()

    @Test func `is answered when it is woken, and the connection goes on`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        for round in 1...3 {
            try client.ask("/later")
            #expect(source.waitForLaters(round))
            #expect(source.over == round - 1)
            source.laters[round - 1].wake()
            source.laters[round - 1].wake()
            let answer = try client.receive()
            #expect(answer.text == "later" && answer["Connection"] == "keep-alive")
            #expect(source.over == round)
        }
    }

    @Test func `is answered at its deadline`() throws {
        let source = StreamSource(timeout: .milliseconds(20))
        let server = try RunningServer(replying: source.reply)
        #expect(try server.connect().request("GET", "/later").text == "later")
        #expect(source.over == 1)
    }

    @Test func `may be woken before the server has it`() throws {
        let server = try RunningServer(replying: { _ in
            let later = LaterReply(within: .seconds(3600)) { Response(status: .ok, body: [1]) }
            later.wake()
            return .later(later)
        })
        #expect(try server.connect().request("GET", "/").body == [1])
    }

    @Test func `a peer that stops sending is answered at once`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        try client.ask("/later")
        client.finishSending()
        #expect(try client.receive().text == "later")
        #expect(try client.receivesEnd())
    }

    @Test func `waiting takes no handler's place`() throws {
        var limits = Limits()
        limits.runningHandlers = 1
        let server = try RunningServer(limits: limits, replying: source.reply)
        let waiting = try (0..<100).map { _ in
            let client = try server.connect()
            try client.ask("/later")
            return client
        }
        #expect(source.waitForLaters(100))
        #expect(try server.connect().request("GET", "/x").text == "GET /x ")
        for later in source.laters { later.wake() }
        for client in waiting { #expect(try client.receive().text == "later") }
    }

    @Test func `HEAD is answered later, too`() throws {
        let server = try RunningServer(replying: source.reply)
        let client = try server.connect()
        try client.ask("/later", "HEAD")
        #expect(source.waitForLaters(1))
        source.laters[0].wake()
        #expect(try client.receive(toHead: true)["Content-Length"] == "5")
    }

    @Test func `a stop ends streams and answers what waits, at once`() throws {
        let server = try RunningServer(replying: source.reply)
        let stream = try server.connect()
        try stream.ask("/stream")
        _ = try stream.receiveHead()
        #expect(try stream.receivesChunks("begin "))
        let later = try server.connect()
        try later.ask("/later")
        #expect(source.waitForLaters(1))
        let deaf = try RawHTTPClient(server.addresses[0], receiveBuffer: 4096)
        try deaf.ask("/stream")
        #expect(source.waitForStreams(2))
        source.streams[1].send([UInt8](repeating: 0, count: 60_000))

        let stopped = DispatchGroup()
        DispatchQueue(label: "stop").async(group: stopped) { [server = server.server] in
            server.stop(grace: .seconds(3600))
        }
        #expect(try stream.receiveChunk() == nil)
        #expect(try stream.receivesEnd())
        let answer = try later.receive()
        #expect(answer.text == "later" && answer["Connection"] == "close")
        #expect(try later.receivesEnd())
        // The one that does not read, and does not close, is not waited for.
        #expect(stopped.wait(timeout: .now() + 60) == .success)
        #expect(source.over == 3)
    }
}
