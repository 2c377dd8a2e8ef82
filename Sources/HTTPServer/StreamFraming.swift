// SPDX-License-Identifier: Apache-2.0

/// How a peer learns where a body ends whose length nobody knows.
enum StreamFraming {
    /// RFC 9112 §7.1.
    case chunked
    /// RFC 9112 §6.3: HTTP/1.0 knows no chunks; the body ends with the connection.
    case untilClose

    init(_ version: RequestLine.Version) {
        self =
            switch version {
            case .http10: .untilClose
            case .http11: .chunked
            }
    }

    /// The header line that says so.
    var header: String {
        switch self {
        case .chunked: "Transfer-Encoding: chunked\r\n"
        case .untilClose: ""
        }
    }

    /// A part of the body. An empty one would be its end.
    func encoded(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .chunked where !bytes.isEmpty: Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + "\r\n".utf8
        case .chunked, .untilClose: bytes
        }
    }

    /// What follows the last part.
    var end: [UInt8] {
        switch self {
        case .chunked: Array("0\r\n\r\n".utf8)
        case .untilClose: []
        }
    }
}
