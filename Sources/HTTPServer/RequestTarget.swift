// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// What a request is for (RFC 9112 §3.2). It consists of visible ASCII: the line it came in is not read otherwise.
struct RequestTarget: Hashable {
    /// Path and query: the origin-form, or `*`.
    let text: String
    /// The authority of an absolute-form target.
    let authority: String?

    init(parsing text: String, method: HTTPRequest.Method) throws(Refusal) {
        // RFC 9112 §3.2: the fragment is the client's own; a target that has one was put together wrongly.
        guard !text.utf8.contains(UInt8(ascii: "#")) else { throw .malformedTarget }
        if text.hasPrefix("/") {
            self.text = text
            self.authority = nil
        } else if text == "*", method == .options {
            // RFC 9112 §3.2.4: the asterisk-form is for OPTIONS alone.
            self.text = text
            self.authority = nil
        } else {
            (self.authority, self.text) = try Self.absolute(text)
        }
    }

    /// RFC 9112 §3.2.2: a server must accept `http://host/path`, and take the host from there.
    private static func absolute(_ text: String) throws(Refusal) -> (authority: String, text: String) {
        guard let scheme = ["http://", "https://"].first(where: { text.prefix($0.count).equalsIgnoringASCIICase($0) })
        else { throw .malformedTarget }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard end != rest.startIndex, Host.isValid(rest[..<end]) else { throw .malformedTarget }
        let path = rest[end...]
        return (String(rest[..<end]), path.hasPrefix("/") ? String(path) : "/" + path)
    }

    /// The path and the query of an origin-form target.
    static func split(_ text: String) -> (path: Substring, query: Substring) {
        guard let mark = text.firstIndex(of: "?") else { return (text[...], "") }
        return (text[..<mark], text[text.index(after: mark)...])
    }
}
