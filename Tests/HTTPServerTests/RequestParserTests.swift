// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Testing

@testable import HTTPServer

struct RequestParserTests {
    @Test(arguments: SampleRequests.accepted)
    func `accepts what clients send`(_ sample: SampleRequest) {
        let stream = ParsedStream(sample.text)
        #expect(!stream.heads.isEmpty)
        #expect(stream.refusal == nil)
    }

    @Test(arguments: SampleRequests.refused)
    func `refuses what breaks a rule`(_ sample: SampleRequest) {
        let stream = ParsedStream(sample.text)
        #expect(stream.refusal?.status.code == sample.status)
        #expect(stream.heads.isEmpty)
    }

    @Test(arguments: SampleRequests.short)
    func `cutting the bytes anywhere changes nothing`(_ sample: SampleRequest) {
        let bytes = Array(sample.text.utf8)
        let whole = ParsedStream([bytes])
        for cut in bytes.indices {
            #expect(ParsedStream([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
        #expect(ParsedStream(bytes.map { [$0] }) == whole, "byte by byte")
    }

    @Test func `reads the parts of a request`() throws {
        let text = "PUT /v3/a%20b?x=1 HTTP/1.1\r\nHost: h:1\r\nX-A:  one \t\r\nx-a: two\r\nContent-Length: 2\r\n\r\nhi"
        let stream = ParsedStream(text)
        let head = try #require(stream.heads.first)
        #expect(head.method == .put)
        #expect(head.target == "/v3/a%20b?x=1")
        #expect(head.authority == "h:1")
        #expect(head.headers[values: try #require(HTTPField.Name("X-A"))] == ["one", "two"])
        #expect(stream.bodies == ["hi"])
    }

    @Test(arguments: [
        ("http://example.com:80/x?y", "/x?y", "example.com:80"),
        ("HTTP://example.com", "/", "example.com"),
        ("https://[::1]:1?y=/", "/?y=/", "[::1]:1"),
        ("/x", "/x", "other"),
    ])
    func `takes the authority from an absolute target`(_ target: String, text: String, authority: String) {
        let head = ParsedStream("GET \(target) HTTP/1.1\r\nHost: other\r\n\r\n").heads.first
        #expect(head?.target == text)
        #expect(head?.authority == authority)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Keep-Alive, CLOSE", false),
        ("HTTP/1.1", "upgrade", true), ("HTTP/1.0", "", false), ("HTTP/1.0", "keep-alive", true),
        ("HTTP/1.0", "keep-alive, close", false),
    ])
    func `knows whether the connection stays open`(_ version: String, _ connection: String, expected: Bool) {
        let stream = ParsedStream("GET / \(version)\r\nHost: a\r\nConnection: \(connection)\r\n\r\n")
        #expect(stream.heads.map(\.persists) == [expected])
    }

    @Test(arguments: [
        ("HTTP/1.1", "Content-Length: 1", true), ("HTTP/1.1", "Content-Length: 0", false),
        ("HTTP/1.1", "Transfer-Encoding: chunked", true), ("HTTP/1.0", "Content-Length: 1", false),
    ])
    func `asks for the body that the client holds back`(_ version: String, _ framing: String, expected: Bool) {
        let stream = ParsedStream("POST / \(version)\r\nHost: a\r\nExpect: 100-Continue\r\n\(framing)\r\n\r\n")
        #expect(stream.steps.contains(.sendContinue) == expected)
    }

    @Test func `decodes chunks and drops their extensions and trailers`() {
        let body = "3;a=b\r\nabc\r\n0000000A\r\n0123456789\r\n0;last\r\nContent-Length: 7\r\n\r\n"
        let stream = ParsedStream("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        #expect(stream.bodies == ["abc0123456789"])
        #expect(stream.heads.first?.headers[.contentLength] == nil)
    }

    @Test func `reads fifty requests from one piece`() {
        let text = (0..<50).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\($0 + 10)" }.joined()
        let stream = ParsedStream(text)
        #expect(stream.heads.map(\.target) == (0..<50).map { "/\($0)" })
        #expect(stream.bodies == (10..<60).map { "\($0)" })
    }

    @Test func `accepts what just fits`() {
        var limits = Limits()
        limits.bodyBytes = 10
        let line = "GET /" + String(repeating: "x", count: (8 << 10) - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(ParsedStream(line).heads.count == 1)
        let headers = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 99) + "\r\n"
        #expect(ParsedStream(headers).heads.count == 1)
        let body = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
        #expect(ParsedStream(body, limits: limits).heads.count == 1)
    }

    @Test func `stays refused`() {
        var parser = RequestParser(limits: Limits())
        parser.append("bad\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(parser.next() == .refused(.malformedRequestLine))
        parser.append("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(parser.next() == .refused(.malformedRequestLine))
    }

    @Test func `knows how far a request has come`() {
        var parser = RequestParser(limits: Limits())
        var seen: [RequestParser.Progress] = [parser.progress]
        for piece in ["\r", "\nPO", "ST / HTTP/1.1\r\n", "Host: a\r\nContent-Length: 2\r\n\r\n", "x", "y"] {
            parser.append(piece.utf8)
            _ = parser.next()
            seen.append(parser.progress)
        }
        #expect(seen == [.idle, .head, .head, .head, .body, .body, .idle])
    }
}
