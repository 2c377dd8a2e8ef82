// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// One request, complete with its body.
package struct Request: Sendable {
    package var method: HTTPRequest.Method
    /// The path and query as they were sent, in origin-form (RFC 9112 §3.2.1) even if the client sent an absolute URI.
    package var target: String
    /// The path as it was sent, percent-encoded.
    package var path: String
    /// The decoded members of the query, in the order they were sent.
    package var query: [QueryItem]
    /// The host and port the client addressed: those of an absolute URI, or else the Host header.
    package var authority: String?
    package var headers: HTTPFields
    package var body: [UInt8]
    package var peer: Peer
    package var arrival: Arrival
    /// `req-` and a random UUID: new for every request, for the log and for the answer.
    package var id: String

    /// Whether the head says that a body follows, be it an empty one in chunks.
    package var announcesBody: Bool {
        if headers[.transferEncoding] != nil { return true }
        return headers[.contentLength].map { Int($0) != 0 } ?? false
    }

    package init(
        method: HTTPRequest.Method, target: String, authority: String? = nil, headers: HTTPFields = [:],
        body: [UInt8] = [], peer: Peer, arrival: Arrival = Arrival(), id: String = RequestID.random()
    ) {
        let (path, query) = RequestTarget.split(target)
        self.method = method
        self.target = target
        self.path = String(path)
        self.query = QueryItem.items(in: query)
        self.authority = authority
        self.headers = headers
        self.body = body
        self.peer = peer
        self.arrival = arrival
        self.id = id
    }
}
