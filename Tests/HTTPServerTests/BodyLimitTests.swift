// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Testing

@testable import HTTPServer

struct BodyLimitTests {
    private let limits: Limits = {
        var limits = Limits()
        limits.bodyBytes = 10
        limits.largerBodies = { method, path in method == .post && path == "/large" ? 30 : nil }
        return limits
    }()

    private func sized(_ line: String, _ count: Int) -> ParsedStream {
        let body = String(repeating: "x", count: count)
        return ParsedStream("\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n\(body)", limits: limits)
    }

    private func chunked(_ line: String, _ counts: Int...) -> ParsedStream {
        let chunks = counts.map { String($0, radix: 16) + "\r\n" + String(repeating: "x", count: $0) + "\r\n" }.joined()
        let head = "\(line) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        return ParsedStream(head + chunks + "0\r\n\r\n", limits: limits)
    }

    @Test(arguments: ["POST /large", "POST /large?q=/", "POST http://h/large"])
    func `the head of a request says that its body may be larger`(line: String) {
        #expect(sized(line, 30).bodies.map(\.count) == [30])
        #expect(chunked(line, 20, 10).bodies.map(\.count) == [30])
        #expect(sized(line, 31).refusal == .bodyTooLarge(limit: 30))
        #expect(chunked(line, 20, 11).refusal == .bodyTooLarge(limit: 30))
    }

    @Test(arguments: ["PUT /large", "POST /", "POST /large/", "POST /other?/large"])
    func `all other bodies have the usual limit`(line: String) {
        #expect(sized(line, 10).bodies.map(\.count) == [10])
        #expect(sized(line, 11).refusal == .bodyTooLarge(limit: 10))
        #expect(chunked(line, 10).bodies.map(\.count) == [10])
        #expect(chunked(line, 6, 5).refusal == .bodyTooLarge(limit: 10))
    }

    @Test func `the limit is that of each request, not of its connection`() {
        let requests = [("/large", 30), ("/", 10), ("/large", 25), ("/", 11)].map { path, count in
            "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
                + String(repeating: "x", count: count)
        }
        let stream = ParsedStream(requests.joined(), limits: limits)
        #expect(stream.bodies.map(\.count) == [30, 10, 25])
        #expect(stream.refusal == .bodyTooLarge(limit: 10))
    }
}
