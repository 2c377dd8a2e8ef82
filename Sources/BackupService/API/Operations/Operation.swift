// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

/// One row of the API: a method on a path, what access it needs, what it reads, what it calls and what it
/// answers.
///
/// The router finds requests in the table of these, and `GET /openapi.json` prints it. A row cannot be written without
/// saying what the description needs.
struct Operation: Sendable {
    /// Makes the call out of a request whose path and method have been found to be right.
    typealias Reading = @Sendable (Request, Microversion) throws -> APICall

    enum Target: Sendable {
        /// Exactly these segments.
        case path([String], Reading)
        /// The segments `collection`, an id, and these.
        case resource(ResourceKind, [String], @Sendable (ResourceID) -> Reading)
        /// The same, and one segment more that the client chooses.
        case item(ResourceKind, [String], Parameter, @Sendable (ResourceID, String) -> Reading)
    }

    /// The operation's name in the description: what clients that are made from it call their functions.
    let id: String
    let method: HTTPRequest.Method
    let target: Target
    let summary: String
    /// What it takes to have it done; `nothing` where it tells nothing that needs a token.
    let access: Access
    let parameters: [Parameter]
    let body: Schema?
    /// The most bytes that its body may have.
    private(set) var bodyLimit = Operation.bodyBytes
    /// How it succeeds. How every operation can fail is the description's business.
    let answers: [AnswerForm]

    /// - Parameter path: `"/backups/detail"`.
    init<Value>(
        _ id: String, _ method: HTTPRequest.Method, _ access: Access, _ path: String, _ summary: String,
        reads form: RequestForm<Value>, answers: AnswerForm..., call: @escaping @Sendable (Value) -> APICall
    ) {
        let segments = path.split(separator: "/").map(String.init)
        self.init(
            id, method, access, .path(segments) { call(try form.read($0, $1)) }, summary, form.parameters, form.body,
            answers)
    }

    /// - Parameter rest: what follows the id: `"/action"`; nothing for the resource itself.
    init<Value>(
        _ id: String, _ method: HTTPRequest.Method, _ access: Access, of kind: ResourceKind, at rest: String = "",
        _ summary: String, reads form: RequestForm<Value>, answers: AnswerForm...,
        call: @escaping @Sendable (ResourceID, Value) -> APICall
    ) {
        let segments = rest.split(separator: "/").map(String.init)
        let target = Target.resource(kind, segments) { resource in { call(resource, try form.read($0, $1)) } }
        self.init(
            id, method, access, target, summary, [kind.parameter] + form.parameters, form.body, answers)
    }

    /// - Parameter item: the segment that follows `rest`.
    init<Value>(
        _ id: String, _ method: HTTPRequest.Method, _ access: Access, of kind: ResourceKind, at rest: String,
        item: Parameter, _ summary: String, reads form: RequestForm<Value>, answers: AnswerForm...,
        call: @escaping @Sendable (ResourceID, String, Value) -> APICall
    ) {
        let segments = rest.split(separator: "/").map(String.init)
        let target = Target.item(kind, segments, item) { resource, name in
            { call(resource, name, try form.read($0, $1)) }
        }
        self.init(
            id, method, access, target, summary, [kind.parameter, item] + form.parameters, form.body, answers)
    }

    private init(
        _ id: String, _ method: HTTPRequest.Method, _ access: Access, _ target: Target, _ summary: String,
        _ parameters: [Parameter], _ body: Schema?, _ answers: [AnswerForm]
    ) {
        self.id = id
        self.method = method
        self.access = access
        self.target = target
        self.summary = summary
        // The other methods are idempotent as they are.
        self.parameters = parameters
        self.body = body
        self.answers = answers
    }
}

extension Operation {
    /// What a body may have: 1 MiB.
    static let bodyBytes = 1 << 20
    /// What a record may have: whatever this daemon exports, another one imports. Metadata that came in a body of 1 MiB
    /// take three times as much in the ASCII of JSON, and four thirds of that in base64.
    static let recordBytes = 6 << 20

    /// The same with a body of at most `bytes`.
    func takingBodies(of bytes: Int) -> Operation {
        var operation = self
        operation.bodyLimit = bytes
        return operation
    }

    /// Without the roots that all paths have: `/backups/{backup_id}/action`.
    var pathTemplate: String {
        switch target {
        case .path(let segments, _): "/" + segments.joined(separator: "/")
        case .resource(let kind, let rest, _):
            "/" + ([kind.collection, "{\(kind.parameter.name)}"] + rest).joined(separator: "/")
        case .item(let kind, let rest, let item, _):
            "/" + ([kind.collection, "{\(kind.parameter.name)}"] + rest + ["{\(item.name)}"]).joined(separator: "/")
        }
    }

    /// The segment that its paths begin with; nil for the root.
    var firstSegment: String? {
        switch target {
        case .path(let segments, _): segments.first
        case .resource(let kind, _, _), .item(let kind, _, _, _): kind.collection
        }
    }
}
