// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// What a handler answers. `Date`, `Connection` and the framing are the server's; a handler that sets
/// `Connection: close` has the connection closed after this answer.
package struct Response: Sendable {
    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    /// For a HEAD request, the body that GET would have: it is counted and not sent.
    package var body: [UInt8]

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The answer to a refused request, for owners that do not give their errors a form of their own.
    package static func plainText(_ refusal: Refusal) -> Response {
        Response(
            status: refusal.status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: Array("\(refusal)\n".utf8))
    }
}
