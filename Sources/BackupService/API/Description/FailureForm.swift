// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// A way in which operations fail, for the description. What the HTTP server itself refuses looks the same.
struct FailureForm: Sendable {
    let status: Int
    let details: String
    /// Whether this operation can fail so.
    let concerns: @Sendable (Operation) -> Bool

    init(_ status: Int, _ details: String, concerns: @escaping @Sendable (Operation) -> Bool = { _ in true }) {
        self.status = status
        self.details = details
        self.concerns = concerns
    }

    static let all = [
        FailureForm(400, "The request is malformed, or what it asks for is not possible now"),
        FailureForm(401, "No token, or a wrong one") { $0.access != .nothing },
        FailureForm(403, "More access is needed than this token or listener gives, or a page from elsewhere asks") {
            $0.access != .nothing
        },
        FailureForm(404, "What the request names does not exist") { !$0.parameters.isEmpty || $0.body != nil },
        FailureForm(406, "The version asked for is not served") { $0.access != .nothing },
        FailureForm(408, "The request took too long to arrive"),
        FailureForm(409, "Somebody cancelled the job meanwhile, or the same request is being worked on") {
            $0.method != .get
        },
        FailureForm(
            413,
            "The body is larger than \(Operation.bodyBytes >> 20) MiB, or that of `importRecord` than "
                + "\(Operation.recordBytes >> 20) MiB"),
        FailureForm(414, "The request line is too long"),
        FailureForm(415, "The body is not JSON, as its Content-Type says, or compressed, as its Content-Encoding says"),
        FailureForm(417, "An `Expect` other than `100-continue`"),
        FailureForm(421, "The `Host` is none of the daemon's, on a listener that wants no token"),
        FailureForm(422, "The `Idempotency-Key` stands for another request") { $0.method == .post },
        FailureForm(429, "Too many keys in one day, or too many jobs that wait") { $0.method == .post },
        FailureForm(431, "The headers are too long, or too many"),
        FailureForm(500, "A mistake of the daemon's; its log says more under the request's id"),
        FailureForm(501, "A method or transfer encoding that the server does not have"),
        FailureForm(503, "The catalog, the disk or the memory is not there now"),
        FailureForm(505, "A version of HTTP other than 1.0 and 1.1"),
    ]
}

extension FailureForm {
    /// `BadRequest`: what it is called in the components.
    var name: String { HTTPResponse.Status(withPhrase: status).reasonPhrase.filter { $0 != " " } }

    /// The Response Object of OpenAPI (§4.8.17).
    var description: JSONValue {
        let schema = Schema.answer(Fault.key(of: status), .named("Fault"))
        return [
            "description": .string(details), "headers": .object(APIDescription.commonHeaders),
            "content": ["application/json": ["schema": schema.json]],
        ]
    }
}
