// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

extension Response {
    /// The interim answer to `Expect: 100-continue` (RFC 9110 §15.2.1).
    static let continuation = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// This response as it goes over the wire (RFC 9112 §4), dated now.
    func encoded(toHead isHead: Bool, persists: Bool) -> [UInt8] {
        var bytes = head(framing: contentLength.map { "Content-Length: \($0)\r\n" } ?? "", persists: persists)
        if !isHead && allowsBody { bytes += body }
        return bytes
    }

    /// Everything before the body; `framing` is the header line that says where the body ends.
    func head(framing: String, persists: Bool) -> [UInt8] {
        var bytes = Array("HTTP/1.1 \(finalStatus.code) ".utf8)
        bytes += finalStatus.reasonPhrase.unicodeScalars.map { UInt8(exactly: $0.value) ?? UInt8(ascii: "?") }
        bytes += "\r\nDate: \(HTTPDate.now())\r\n".utf8
        for field in headers where !Self.ownedByServer.contains(field.name) { Self.append(field, to: &bytes) }
        bytes += framing.utf8
        // RFC 9112 §9.3: HTTP/1.0 clients need to be told, and the others do not mind.
        bytes += "Connection: \(persists ? "keep-alive" : "close")\r\n\r\n".utf8
        return bytes
    }

    var wantsClose: Bool { headers[.connection]?.equalsIgnoringASCIICase("close") ?? false }

    private static let ownedByServer: Set<HTTPField.Name> = [
        .connection, .contentLength, .date, .trailer, .transferEncoding, .upgrade,
    ]

    /// A handler has one answer, so an interim status (1xx) or none at all is its mistake, and not the client's.
    private var finalStatus: HTTPResponse.Status {
        (200...599).contains(status.code) ? status : .internalServerError
    }

    /// RFC 9110 §6.4.1: these statuses have no content, whatever the handler says. 205 has an empty one (§15.3.6).
    private var allowsBody: Bool { ![204, 205, 304].contains(finalStatus.code) }

    /// RFC 9110 §8.6: 204 has no Content-Length; in a 304 it would be that of a 200, which we do not know.
    private var contentLength: Int? {
        switch finalStatus.code {
        case 204, 304: nil
        case 205: 0
        default: body.count
        }
    }

    private static func append(_ field: HTTPField, to bytes: inout [UInt8]) {
        bytes += "\(field.name.rawName): ".utf8
        field.withUnsafeBytesOfValue { value in
            // RFC 9110 §5.5: a line break in a value would let it write headers, or a response, of its own.
            bytes += value.lazy.map { [0, .carriageReturn, .lineFeed].contains($0) ? .space : $0 }
        }
        bytes += [.carriageReturn, .lineFeed]
    }
}
