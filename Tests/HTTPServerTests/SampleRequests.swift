// SPDX-License-Identifier: Apache-2.0

/// Requests as clients send them, good and bad; every one is also cut at each of its bytes.
enum SampleRequests {
    static let accepted = clients.map { SampleRequest(name: $0.0, text: $0.1) }

    /// Requests that servers have been talked into reading in two ways, and others that break a rule.
    static let refused = (framing + lines + heads + chunks).map { SampleRequest(name: $0.0, text: $0.1, status: $0.2) }

    /// All but the longest, which would take the time of all the others.
    static let short = (accepted + refused).filter { $0.text.utf8.count < 2000 }

    private static let clients = [
        ("plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("after an empty line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            "IPv6 host and an empty value",
            "GET /v3/backups?limit=2&all_tenants=1 HTTP/1.1\r\nHost: [::1]:8776\r\nAccept: */*\r\nX-Empty:\r\n\r\n"
        ),
        ("HTTP/1.0", "HEAD /healthz HTTP/1.0\r\n\r\n"),
        ("asterisk", "OPTIONS * HTTP/1.1\r\nHost: \r\n\r\n"),
        ("absolute target", "GET http://example.com:80?x=1 HTTP/1.1\r\nHost: other\r\n\r\n"),
        ("sized body", "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
        ("expectation", "POST /b HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
        (
            "chunks, trailer and a second request",
            "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n0A\r\n0123456789\r\n"
                + "0\r\nX-Trailer: 1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        (
            "an empty line between two requests",
            "POST /1 HTTP/1.1\r\nhost:a\r\ncontent-length:1\r\n\r\n1\r\nPOST /2 HTTP/1.1\r\nHOST: a\r\n"
                + "Content-Length:  1 \t\r\n\r\n2"
        ),
        ("Latin-1 value", "GET / HTTP/1.1\r\nHost: a\r\nX-Latin: caf\u{e9}\r\n\r\n"),
    ]

    private static let framing = [
        ("CL and TE", post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 400),
        ("TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"), 400),
        ("CL twice", post("Content-Length: 5\r\nContent-Length: 5", "hello"), 400),
        ("CL twice, different", post("Content-Length: 5\r\nContent-Length: 6", "hello"), 400),
        ("CL list", post("Content-Length: 5,5", "hello"), 400),
        ("CL plus", post("Content-Length: +5", "hello"), 400),
        ("CL hex", post("Content-Length: 0x5", "hello"), 400),
        ("CL minus zero", post("Content-Length: -0", ""), 400),
        ("CL minus", post("Content-Length: -5", ""), 400),
        ("CL empty", post("Content-Length:", ""), 400),
        ("CL inner space", post("Content-Length: 1 1", ""), 400),
        ("CL exponent", post("Content-Length: 1e1", ""), 400),
        ("CL underscore", post("Content-Length: 1_0", ""), 400),
        ("CL Arabic digit", post("Content-Length: \u{665}", "hello"), 400),
        ("CL overflow", post("Content-Length: 18446744073709551617", "h"), 413),
        ("CL above the limit", post("Content-Length: 1048577", "h"), 413),
        ("TE xchunked", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), 501),
        ("TE chunked, identity", post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"), 400),
        ("TE gzip, chunked", post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"), 501),
        ("TE chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 501),
        ("TE identity", post("Transfer-Encoding: identity", ""), 501),
        ("TE empty", post("Transfer-Encoding:", ""), 501),
        ("TE quoted", post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"), 501),
        ("TE Kelvin sign", post("Transfer-Encoding: chun\u{212A}ed", "0\r\n\r\n"), 501),
        ("TE with VTAB", post("Transfer-Encoding: \u{B}chunked", "0\r\n\r\n"), 400),
        ("TE with NUL", post("Transfer-Encoding: chunked\u{0}", "0\r\n\r\n"), 400),
        ("TE with a space before the colon", post("Transfer-Encoding : chunked", "0\r\n\r\n"), 400),
        ("TE folded", post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"), 400),
        ("TE after a bare CR", post("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n"), 400),
        ("TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ]

    private static let lines = [
        ("bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
        ("bare LF after a header", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
        ("bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
        ("bare LF before", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("bare CR in the target", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
        ("two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("no version", "GET /\r\nHost: a\r\n\r\n", 400),
        ("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("long version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        ("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}", 400),
        ("method not a token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        ("NUL in the target", "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("non-ASCII target", "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("relative target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("user in the authority", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("no authority", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("long request line", "GET /" + String(repeating: "x", count: 8 << 10), 414),
    ]

    private static let heads = [
        ("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("Host list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400),
        ("Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
        ("Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("Host with odd port", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400),
        ("Host without bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
        ("no colon", "GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n", 400),
        ("no name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400),
        ("name with a space", "GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n", 400),
        ("non-ASCII name", "GET / HTTP/1.1\r\nHost: a\r\nX\u{e9}: z\r\n\r\n", 400),
        ("space before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        ("folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", 400),
        ("escape in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{1B}[2J\r\n\r\n", 400),
        ("DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n", 400),
        ("unknown expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417),
        ("long header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 32 << 10), 431),
        (
            "many bytes of headers",
            "GET / HTTP/1.1\r\n" + String(repeating: "X: \(String(repeating: "y", count: 999))\r\n", count: 33), 431
        ),
        ("many headers", "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 101), 431),
    ]

    private static let chunks = [
        ("chunk size overflow", chunked("FFFFFFFFFFFFFFFFF\r\n"), 400),
        ("chunk size of 9 digits", chunked("000000001\r\nx\r\n0\r\n\r\n"), 400),
        ("chunk above the limit", chunked("FFFFFFFF\r\n"), 413),
        ("chunks above the limit", chunked("1\r\nx\r\n100000\r\n"), 413),
        ("chunk size 0x", chunked("0x1\r\nx\r\n0\r\n\r\n"), 400),
        ("chunk size minus", chunked("-1\r\nx\r\n0\r\n\r\n"), 400),
        ("chunk size empty", chunked("\r\n"), 400),
        ("chunk size after a space", chunked(" 1\r\nx\r\n0\r\n\r\n"), 400),
        ("chunk size before a space", chunked("1 \r\nx\r\n0\r\n\r\n"), 400),
        ("chunk with bare LF", chunked("1\nx\r\n0\r\n\r\n"), 400),
        ("chunk data too long", chunked("1\r\nxy\r\n0\r\n\r\n"), 400),
        ("chunk data without CRLF", chunked("1\r\nx0\r\n\r\n"), 400),
        ("chunk data with bare LF", chunked("1\r\nx\n0\r\n\r\n"), 400),
        ("chunk extension with NUL", chunked("1;\u{0}\r\n"), 400),
        ("long chunk extension", chunked("1;" + String(repeating: "x", count: 5000)), 400),
        (
            "many chunk extensions",
            chunked(String(repeating: "1;\(String(repeating: "x", count: 999))\r\ny\r\n", count: 5)), 400
        ),
        ("malformed trailer", chunked("0\r\nnonsense\r\n\r\n"), 400),
        ("folded trailer", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400),
        ("many trailers", chunked("0\r\n" + String(repeating: "X: y\r\n", count: 101)), 431),
        ("long trailer", chunked("0\r\nX: " + String(repeating: "y", count: 32 << 10)), 431),
    ]

    private static func post(_ headers: String, _ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n\(body)"
    }

    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body) }
}
