// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes

/// The control API: turns HTTP requests into calls of the service, and its results and errors into answers.
package struct BackupAPI: Sendable {
    /// Called with what is answered by a 5xx, for the log: the client is not told all of it.
    package typealias FailureLog = @Sendable (_ error: any Error, _ request: Request) -> Void

    /// What a request that watches is answered by: the headers of a stream, and how it would be answered at once.
    typealias Watching = @Sendable (Watch, HTTPFields, @escaping @Sendable () -> Response) throws -> Reply

    private let gate: Gate
    private let audit: AuditTrail
    private let logFailure: FailureLog
    private let counts: RequestCounts
    private let perform: @Sendable (APICall, Links) throws -> Answer
    private let performOnce: @Sendable (APICall, Request, Receipt) throws -> Answer
    private let watch: Watching

    /// - Parameters:
    ///   - rules: whom the listeners and the browsers' headers let in; nil for everybody who is authenticated.
    ///   - host: what the daemon's machine is called in `GET /os-services`.
    ///   - audit: told of every request that changes something or is refused.
    package init(
        service: BackupService, authentication: Authentication, rules: AccessRules? = nil, host: String,
        monitor: Monitor, audit: @escaping AuditTrail = { _ in }, logFailure: @escaping FailureLog
    ) {
        let keyed = KeyedRequests()
        self.init(
            authentication: authentication, rules: rules, counts: monitor.requests, audit: audit,
            logFailure: logFailure,
            watch: { try service.watch($0, headers: $1, answer: $2) },
            performOnce: { call, request, receipt in
                let links = Links(request)
                return try keyed.answer(
                    receipt, in: service.catalog,
                    work: {
                        try call.perform(
                            with: service.leaving(receipt), monitor: monitor, host: host, links: links)
                    },
                    remake: { try call.remakeAnswer(made: $0.made, with: service, links: links) },
                    logFailure: { logFailure($0, request) })
            },
            perform: { call, links in
                try call.perform(with: service, monitor: monitor, host: host, links: links)
            })
    }

    /// - Parameter performOnce: does what a request with an `Idempotency-Key` asks for.
    init(
        authentication: Authentication, rules: AccessRules? = nil, counts: RequestCounts = RequestCounts(),
        audit: @escaping AuditTrail = { _ in }, logFailure: @escaping FailureLog = { _, _ in },
        watch: @escaping Watching = { _, _, answer in .response(answer()) },
        performOnce: (@Sendable (APICall, Request, Receipt) throws -> Answer)? = nil,
        perform: @escaping @Sendable (APICall, Links) throws -> Answer
    ) {
        gate = Gate(authentication, rules ?? AccessRules())
        self.audit = audit
        self.counts = counts
        self.logFailure = logFailure
        self.watch = watch
        self.perform = perform
        self.performOnce = performOnce ?? { call, request, _ in try perform(call, Links(request)) }
    }

    /// Answers one request, at once or, where it watches, for as long as that takes.
    package func reply(to request: Request) -> Reply {
        let asked = read(request)
        guard case .success(.watch(let watch)) = asked.call else { return reply(to: asked) }
        let head = Response(status: .ok, headers: Self.headers(of: ServerSentEvents.mediaType))
        do {
            let reply = try self.watch(watch, completed(head, for: asked).headers) { respond(to: request) }
            switch reply {
            case .response(let response): count(asked, response.status.code)
            case .stream, .pieces: count(asked, 200)
            case .later: break  // when it is answered
            }
            return reply
        } catch {
            return .response(refusal(of: asked, error))
        }
    }

    /// Answers one request at once. It may wait for the catalog, and never for a job.
    package func respond(to request: Request) -> Response { respond(to: read(request)) }

    private func respond(to asked: Asked) -> Response {
        var (response, pieces) = made(for: asked)
        while let piece = (try? pieces?.next()) ?? nil { response.body += piece }
        return response
    }

    private func reply(to asked: Asked) -> Reply {
        let (response, pieces) = made(for: asked)
        guard let pieces else { return .response(response) }
        let (logFailure, request) = (logFailure, asked.request)
        return .pieces(
            PiecewiseReply(headers: response.headers) {
                do {
                    return try pieces.next()
                } catch {
                    logFailure(error, request)
                    throw error
                }
            })
    }

    /// The answer, and what follows it where it is long.
    private func made(for asked: Asked) -> (Response, ListPieces?) {
        do {
            if let response = try plain(asked) { return (counted(completed(response, for: asked), asked), nil) }
            let answer = try answer(to: asked)
            let response = counted(completed(Self.response(answer), for: asked), asked)
            if asked.request.method.changesSomething { audit(asked.entry(answer)) }
            return (response, answer.pieces)
        } catch {
            return (refusal(of: asked, error), nil)
        }
    }

    /// What becomes of a request whose head has arrived. Who has no right to an answer is not heard out, and who has
    /// shown none sends no body.
    package func admission(of request: Request) -> Admission {
        let principal = gate.principal(of: request)
        do throws(APIError) {
            try gate.check(request)
            if principal.access == .nothing {
                guard Self.isPublic(request), !request.announcesBody else { throw .unauthorized }
                return .anyone
            }
            let operation = try? Route(path: request.path).destination(of: request.method).operation
            if let operation { try principal.require(operation.access, for: operation.id) }
            return .known
        } catch {
            return .refused(refusal(of: read(request), error))
        }
    }

    private static func isPublic(_ request: Request) -> Bool {
        (try? Route(path: request.path))?.isPublic == true || request.target == "*"
    }

    /// Whether the answer needs no disk, not even the catalog's. The HTTP server waits for this.
    package func isAnsweredFromMemory(_ request: Request) -> Bool {
        guard let route = try? Route(path: request.path) else { return true }
        return route.destinations.allSatisfy { Operation.fromMemory.contains($0.operation.id) }
    }

    /// The answer to a request that the HTTP server has refused to read.
    package func refuse(_ refusal: Refusal) -> Response {
        var response = Self.response(Fault(refusal))
        response.headers.set(Self.requestIDName, RequestID.random())
        counts.countRefusal(status: response.status.code)
        return response
    }
}

/// For the HTTP server.
extension BackupAPI {
    /// The most bytes that the body of a request may have which needs larger ones than others; nil for all others.
    @Sendable package static func largerBody(_ method: HTTPRequest.Method, _ path: String) -> Int? {
        guard method == .post, let route = try? Route(path: path),
            let limit = try? route.destination(of: method).operation.bodyLimit, limit > Operation.bodyBytes
        else { return nil }
        return limit
    }
}

/// From a request to an answer.
extension BackupAPI {
    /// A request that has been read, who has sent it, and how it is to be counted.
    private struct Asked {
        let request: Request
        let principal: Principal
        let route: Result<Route, APIError>
        let call: Result<APICall, any Error>
        let start: ContinuousClock.Instant

        /// For the audit log.
        func entry(_ answer: Answer) -> AuditEntry {
            AuditEntry(request, principal, route: try? route.get(), call: try? call.get(), answer: answer)
        }

        func entry(_ fault: Fault) -> AuditEntry {
            AuditEntry(request, principal, route: try? route.get(), call: try? call.get(), fault: fault)
        }
    }

    private func read(_ request: Request) -> Asked {
        let start = ContinuousClock.now
        let principal = gate.principal(of: request)
        let route = Result { () throws(APIError) in try Route(path: request.path) }
        return Asked(
            request: request, principal: principal, route: route,
            call: Result { try call(of: request, from: principal, at: route) }, start: start)
    }

    /// What is asked of the daemon as a whole, and is no operation.
    private func plain(_ asked: Asked) throws -> Response? {
        let request = asked.request
        if case .success(.showVersions) = asked.call, Page.isWanted(by: request) { return try Page.response() }
        // RFC 9110 §9.3.7.
        guard request.method == .options, request.target == "*" else { return nil }
        try gate.check(request)
        var response = Self.response(204, nil)
        response.headers[.allow] = Operation.methods.joined(separator: ", ")
        return response
    }

    private func answer(to asked: Asked) throws -> Answer {
        let (request, call) = (asked.request, try asked.call.get())
        do {
            // The other methods are idempotent as they are.
            if request.method == .post, let key = try IdempotencyKey(request.headers) {
                return try performOnce(call, request, try key.receipt(for: request, of: asked.principal))
            }
            return try perform(call, Links(request))
        } catch let error as ReadinessError {
            throw APIError.notReady(error)
        }
    }

    private func call(
        of request: Request, from principal: Principal, at route: Result<Route, APIError>
    ) throws -> APICall {
        let destination = try admit(request, from: principal, to: route)
        // RFC 9110 §15.5.16. Whoever compresses what is small loses nothing by not doing so.
        if let coding = request.headers[.contentEncoding] { throw APIError.encodedBody(coding) }
        let version = destination.operation.access == .nothing ? .minimum : try Microversion(request.headers)
        return try destination.read(request, version)
    }

    /// Decides by the head of a request: its body is not looked at.
    private func admit(
        _ request: Request, from principal: Principal, to route: Result<Route, APIError>
    ) throws(APIError) -> Route.Destination {
        try gate.check(request)
        // Who has no token does not learn which paths there are.
        if (try? route.get())?.isPublic != true, principal.access == .nothing { throw .unauthorized }
        let destination = try route.get().destination(of: request.method)
        try principal.require(destination.operation.access, for: destination.operation.id)
        return destination
    }

    private func refusal(of asked: Asked, _ error: any Error) -> Response {
        let fault = Fault(error)
        if fault.status >= 500 { logFailure(error, asked.request) }
        if asked.request.method.changesSomething || [401, 403].contains(fault.status) { audit(asked.entry(fault)) }
        return counted(completed(Self.response(fault), for: asked), asked)
    }

    private func counted(_ response: Response, _ asked: Asked) -> Response {
        count(asked, response.status.code)
        return response
    }

    private func count(_ asked: Asked, _ status: Int) {
        let route = try? asked.route.get()
        counts.count(asked.request.method, route: route?.pathTemplate, status: status, took: .now - asked.start)
    }
}

/// From an answer to the bytes of a response.
extension BackupAPI {
    private static let requestIDName = "x-openstack-request-id"

    /// With what every answer to this request has.
    private func completed(_ response: Response, for asked: Asked) -> Response {
        let request = asked.request
        var response = response
        response.headers.set(Self.requestIDName, request.id)
        response.headers.set(Microversion.headerName, "volume \(Microversion(answering: request.headers))")
        if request.path == "/" { response.headers.append(HTTPField(name: .vary, value: "Accept")) }
        // RFC 9110 §11.6.1: whoever was answered without a token learns that it would show more.
        if asked.principal.access == .nothing { response.headers[.wwwAuthenticate] = Authentication.challenge }
        return response
    }

    private static func response(_ answer: Answer) -> Response {
        var response = response(answer.status, answer.json)
        if answer.pieces != nil { response.headers[.contentType] = "application/json" }
        if let text = answer.text {
            response.headers[.contentType] = text.type
            response.body = Array(text.text.utf8)
        }
        if let location = answer.location { response.headers[.location] = location }
        return response
    }

    private static func response(_ fault: Fault) -> Response {
        var response = response(fault.status, fault.json)
        for field in fault.headers { response.headers[field.name] = field.value }
        return response
    }

    private static func response(_ status: Int, _ json: JSONValue?) -> Response {
        let status = HTTPResponse.Status(withPhrase: status)
        guard let json else { return Response(status: status, headers: headers(of: nil)) }
        return Response(
            status: status, headers: headers(of: "application/json"), body: json.utf8 + [UInt8(ascii: "\n")])
    }

    private static func headers(of mediaType: String?) -> HTTPFields {
        var headers: HTTPFields = [.cacheControl: "no-store", .vary: Microversion.headerName]
        headers.set(Microversion.headerName, "volume \(Microversion.maximum)")
        headers[.contentType] = mediaType
        return headers
    }
}
