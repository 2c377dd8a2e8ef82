// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// How a request says where its body ends (RFC 9112 §6.3).
enum BodyFraming: Hashable {
    case sized(Int)
    case chunked

    init(_ headers: HTTPFields, version: RequestLine.Version, limit: Int) throws(Refusal) {
        let lengths = headers[values: .contentLength]
        let codings = headers[values: .transferEncoding]
        if codings.isEmpty {
            self = .sized(try Self.length(lengths, limit: limit))
        } else {
            // RFC 9112 §6.1: both framings at once is how requests are smuggled.
            guard lengths.isEmpty else { throw .conflictingFraming }
            guard version == .http11 else { throw .transferEncodingInHTTP10 }
            try Self.checkCodings(codings)
            self = .chunked
        }
    }

    /// RFC 9112 §6.1: a coding that the server does not know is answered with 501. §6.3: a list that does not end with
    /// `chunked` does not say where the body ends, and is answered with 400.
    private static func checkCodings(_ values: [String]) throws(Refusal) {
        if values.count == 1, values[0].equalsIgnoringASCIICase("chunked") { return }
        let codings = values.flatMap { $0.split(separator: ",").map(\.withoutBlanks) }.filter { !$0.isEmpty }
        if codings.count > 1, codings.last?.equalsIgnoringASCIICase("chunked") != true { throw .chunkedNotLast }
        throw .unsupportedTransferEncoding
    }

    /// RFC 9110 §8.6: digits and nothing else. Equal duplicates may be forgiven; here they are not.
    private static func length(_ values: [String], limit: Int) throws(Refusal) -> Int {
        guard let value = values.first else { return 0 }
        guard values.count == 1, !value.isEmpty, value.utf8.allSatisfy(\.isDigit) else {
            throw .malformedContentLength
        }
        // A number that does not fit an Int is too large, too.
        guard let length = Int(value), length <= limit else { throw .bodyTooLarge(limit: limit) }
        return length
    }
}
