// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Posix
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

/// Every request of the corpus, as one piece, cut, and among others.
///
/// What must never happen is that a request is seen which is not there, or one that follows a refused one: that is how
/// requests are smuggled past whoever stands in front.
@Suite(.timeLimit(.minutes(5)))
struct RequestCorpusTests {
    @Test func `there are many, and no two of a name`() {
        #expect(CorpusRequest.all.count >= 250)
        #expect(Set(CorpusRequest.all.map(\.name)).count == CorpusRequest.all.count)
    }

    @Test func `the parser makes of each what it should, wherever it is cut`() {
        for request in CorpusRequest.all {
            let whole = ParsedStream([request.bytes])
            // What follows a request that closes the connection is read by nobody.
            let closing = whole.heads.firstIndex { !$0.persists }.map { $0 + 1 }
            #expect(closing ?? whole.heads.count == request.requests, "\(request.name)")
            #expect((whole.refusal != nil) == !request.answers.allSatisfy { $0 == "2xx" }, "\(request.name)")
            // At every byte; of the few that are long, at 20 or 30.
            let step = request.bytes.count < 600 ? 1 : request.bytes.count / 20
            for cut in stride(from: 1, to: request.bytes.count, by: step) {
                let cutInTwo = ParsedStream([request.bytes[..<cut], request.bytes[cut...]])
                #expect(cutInTwo == whole, "\(request.name), cut at \(cut)")
            }
            #expect(ParsedStream(request.bytes.map { [$0] }) == whole, "\(request.name), byte by byte")
        }
    }

    @Test(arguments: [SocketAddress.tcp(host: "127.0.0.1", port: 0), .unix(path: RunningServer.socketPath())])
    func `the server answers each as it should, with another one behind it`(_ address: SocketAddress) throws {
        let server = try CountingServer(address)
        for request in CorpusRequest.all { try server.judge(request, [request.bytes + CountingServer.next]) }
    }

    @Test func `it does so when the bytes come in two parts`() throws {
        let server = try CountingServer(.unix(path: RunningServer.socketPath()))
        for request in CorpusRequest.all {
            for cut in Set([1, request.bytes.count / 2, request.bytes.count - 1]) where cut > 0 {
                let parts = [Array(request.bytes[..<cut]), request.bytes[cut...] + CountingServer.next]
                try server.judge(request, parts)
            }
        }
    }

    @Test func `it does so when they come behind others`() throws {
        let server = try CountingServer(.tcp(host: "127.0.0.1", port: 0))
        for request in CorpusRequest.all {
            let others = CountingServer.other + CountingServer.other
            try server.judge(request, [others + request.bytes + CountingServer.next], behind: 2)
        }
    }
}

/// A server that counts what it is asked, and a client that counts what is answered.
private final class CountingServer {
    static let other = Array("GET /other HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    /// What follows the request in question: it closes the connection, so that the client need not wait.
    static let next = Array("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)

    private final class Seen: Sendable { let targets = Mutex<[String]>([]) }

    private let server: RunningServer
    private let seen = Seen()

    init(_ address: SocketAddress) throws {
        server = try RunningServer([address]) { [seen] request in
            seen.targets.withLock { $0.append(request.target) }
            return Response(status: .ok, body: Array(request.target.utf8))
        }
    }

    func judge(_ request: CorpusRequest, _ parts: [[UInt8]], behind others: Int = 0) throws {
        seen.targets.withLock { $0 = [] }
        let client = try server.connect()
        // A server that has refused the first part may be gone.
        for part in parts { try? client.send(part) }
        let isToHead = request.bytes.starts(with: "HEAD".utf8)
        for _ in 0..<others { #expect(try client.receive().text == "/other", "\(request.name)") }
        for number in request.answers.indices {
            var answer = try client.receive(toHead: isToHead)
            while answer.status == 100 { answer = try client.receive(toHead: isToHead) }
            #expect(request.answers(number, fit: answer.status), "\(request.name): \(answer.status)")
            let isLast = number == request.answers.indices.last
            #expect((answer["Connection"] == "close") == (isLast && request.closes), "\(request.name)")
        }
        if !request.closes { #expect(try client.receive().text == "/next", "\(request.name)") }
        #expect(try client.receivesEnd(), "\(request.name)")
        let targets = seen.targets.withLock { $0 }
        #expect(targets.count == others + request.requests + (request.closes ? 0 : 1), "\(request.name): \(targets)")
        #expect(targets.contains("/next") == !request.closes, "\(request.name)")
    }
}
