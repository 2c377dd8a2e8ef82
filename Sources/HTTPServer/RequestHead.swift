// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// A request without its body, checked.
struct RequestHead: Hashable {
    let method: HTTPRequest.Method
    let version: RequestLine.Version
    let target: String
    /// The host and port that the request is for; nil when an HTTP/1.0 client does not say.
    let authority: String?
    let headers: HTTPFields
    let framing: BodyFraming
    /// The most bytes that its body may have.
    let bodyLimit: Int
    /// Whether the client wants the connection to stay open after the answer.
    let persists: Bool
    /// Whether the client waits for an interim answer before it sends the body.
    let expectsContinue: Bool

    init(_ line: RequestLine, _ fields: HTTPFields, limits: Limits) throws(Refusal) {
        let host = try Self.host(fields, version: line.version)
        self.bodyLimit = limits.bodyBytes(after: line)
        self.framing = try BodyFraming(fields, version: line.version, limit: bodyLimit)
        self.expectsContinue = try Self.expectsContinue(fields, line.version) && framing != .sized(0)
        self.persists = Self.persists(fields, version: line.version)
        self.method = line.method
        self.version = line.version
        self.target = line.target.text
        // RFC 9112 §3.2.2: the authority in the target replaces what Host says.
        self.authority = line.target.authority ?? host
        self.headers = fields
    }

    /// RFC 9112 §3.2: an HTTP/1.1 request has exactly one Host; HTTP/1.0 did not know it.
    private static func host(_ fields: HTTPFields, version: RequestLine.Version) throws(Refusal) -> String? {
        // swift-http-types wants HTTP/2's :authority instead, and so withholds the name of this field.
        let hosts = fields.filter { $0.name.canonicalName == "host" }.map(\.value)
        guard hosts.count == 1 || hosts.isEmpty && version == .http10 else { throw .hostNotGivenOnce }
        guard hosts.allSatisfy({ Host.isValid($0[...]) }) else { throw .malformedHost }
        return hosts.first
    }

    /// RFC 9110 §10.1.1: HTTP/1.0 has no expectations, and those we do not know are answered with 417.
    private static func expectsContinue(_ fields: HTTPFields, _ version: RequestLine.Version) throws(Refusal) -> Bool {
        let expectations = fields[values: .expect]
        guard version == .http11, !expectations.isEmpty else { return false }
        guard expectations.allSatisfy({ $0.equalsIgnoringASCIICase("100-continue") }) else { throw .unmetExpectation }
        return true
    }

    /// RFC 9112 §9.3.
    private static func persists(_ fields: HTTPFields, version: RequestLine.Version) -> Bool {
        let options = fields[values: .connection].flatMap { $0.split { $0 == "," || $0 == " " || $0 == "\t" } }
        if options.contains(where: { $0.equalsIgnoringASCIICase("close") }) { return false }
        return version == .http11 || options.contains { $0.equalsIgnoringASCIICase("keep-alive") }
    }
}
