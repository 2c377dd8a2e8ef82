// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// `GET /backups HTTP/1.1` (RFC 9112 §3).
struct RequestLine: Hashable {
    enum Version { case http10, http11 }

    let method: HTTPRequest.Method
    let target: RequestTarget
    let version: Version

    init(parsing line: [UInt8]) throws(Refusal) {
        // Exactly one space between the three: RFC 9112 §3 lets a server guess, and guesses differ.
        let parts = line.split(separator: .space, omittingEmptySubsequences: false)
        guard parts.count == 3, let method = HTTPRequest.Method(String(decoding: parts[0], as: UTF8.self)) else {
            throw .malformedRequestLine
        }
        self.version = try Self.version(parts[2])
        // RFC 9110 §9.3.6: CONNECT is for proxies, and has a form of target of its own.
        guard method != .connect else { throw .unsupportedMethod }
        self.method = method
        self.target = try RequestTarget(parsing: String(decoding: parts[1], as: UTF8.self), method: method)
    }

    /// RFC 9112 §2.3: `HTTP/`, one digit, a dot, one digit; upper case only.
    private static func version(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> Version {
        switch String(decoding: bytes, as: UTF8.self) {
        case "HTTP/1.1": return .http11
        case "HTTP/1.0": return .http10
        default:
            guard bytes.starts(with: "HTTP/".utf8) else { throw .malformedRequestLine }
            let number = Array(bytes.dropFirst("HTTP/".utf8.count))
            guard number.count == 3, number[0].isDigit, number[1] == UInt8(ascii: "."), number[2].isDigit else {
                throw .malformedRequestLine
            }
            throw .unsupportedVersion
        }
    }
}
