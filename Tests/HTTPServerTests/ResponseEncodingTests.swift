// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Testing

@testable import HTTPServer

struct ResponseEncodingTests {
    @Test func `frames the body`() {
        let text = encoded(Response(status: .ok, headers: [.contentType: "text/plain"], body: Array("hello".utf8)))
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
        #expect(
            text.hasSuffix(
                "\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"))
    }

    @Test func `counts the body of a HEAD answer without sending it`() {
        let text = encoded(Response(status: .ok, body: Array("hello".utf8)), toHead: true)
        #expect(text.contains("\r\nContent-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [(204, false), (304, false), (205, true)])
    func `sends no body where there is none`(_ code: Int, hasLength: Bool) {
        let text = encoded(Response(status: .init(code: code), body: Array("hello".utf8)))
        #expect(text.contains("Content-Length: 0") == hasLength)
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [0, 100, 101, 199, 600, 999])
    func `answers 500 for a status that is not final`(_ code: Int) {
        #expect(encoded(Response(status: .init(code: code))).hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
    }

    @Test func `keeps line breaks out of values`() throws {
        let name = try #require(HTTPField.Name("X-Name"))
        for value in ["a\r\nSet-Cookie: b", "a\nb", "a\rb", "a\0b"] {
            let field = HTTPField(name: name, lenientValue: Array(value.utf8))
            let text = encoded(Response(status: .ok, headers: HTTPFields([field])))
            #expect(text.split(separator: "\r\n").count == 5)
            #expect(!text.contains("\n" as Unicode.Scalar) && !text.contains("\0"))
        }
    }

    @Test func `framing and connection headers are the server's`() {
        let headers: HTTPFields = [
            .contentLength: "99", .transferEncoding: "chunked", .connection: "x", .date: "never",
        ]
        let text = encoded(Response(status: .ok, headers: headers), persists: false)
        #expect(text.contains("Content-Length: 0\r\nConnection: close\r\n\r\n"))
        #expect(!text.contains("99") && !text.contains("chunked") && !text.contains("never"))
    }

    @Test func `a reason phrase outside Latin-1 does not trap`() {
        #expect(
            encoded(Response(status: .init(code: 299, reasonPhrase: "caf\u{e9} \u{1F600}\r\nX: y"))).contains("299 "))
    }

    private func encoded(_ response: Response, toHead isHead: Bool = false, persists: Bool = true) -> String {
        String(decoding: response.encoded(toHead: isHead, persists: persists), as: UTF8.self)
    }
}

extension String {
    /// "\r\n" is one Character, so a scalar alone is found only if it stands alone.
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { contains(Character(scalar)) }
}
