// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes

/// The control API: turns HTTP requests into calls of the service, and its results and errors into answers.
package struct BackupAPI: Sendable {
    /// Called with what is answered by a 5xx, for the log: the client is not told all of it.
    package typealias FailureLog = @Sendable (_ error: any Error, _ request: Request) -> Void

    private static let requestIDName = "x-openstack-request-id"

    private let authentication: Authentication
    private let logFailure: FailureLog
    private let counts: RequestCounts
    private let perform: @Sendable (APICall, Links) throws -> Answer
    private let performOnce: @Sendable (APICall, Request, Receipt) throws -> Answer

    /// - Parameter host: what the daemon's machine is called in `GET /os-services`.
    package init(
        service: BackupService, authentication: Authentication, host: String, monitor: Monitor,
        logFailure: @escaping FailureLog
    ) {
        let keyed = KeyedRequests()
        self.init(
            authentication: authentication, counts: monitor.requests, logFailure: logFailure,
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
        authentication: Authentication, counts: RequestCounts = RequestCounts(),
        logFailure: @escaping FailureLog = { _, _ in },
        performOnce: (@Sendable (APICall, Request, Receipt) throws -> Answer)? = nil,
        perform: @escaping @Sendable (APICall, Links) throws -> Answer
    ) {
        self.authentication = authentication
        self.counts = counts
        self.logFailure = logFailure
        self.perform = perform
        self.performOnce = performOnce ?? { call, request, _ in try perform(call, Links(request)) }
    }

    /// Answers one request. It may wait for the catalog, and never for a job.
    package func respond(to request: Request) -> Response {
        let start = ContinuousClock.now
        let route = Result { () throws(APIError) in try Route(path: request.path) }
        var response: Response
        do {
            response = Self.response(try answer(to: request, at: route))
        } catch {
            let fault = Fault(error)
            if fault.status >= 500 { logFailure(error, request) }
            response = Self.response(fault)
        }
        response.headers.set(Self.requestIDName, request.id)
        counts.count(
            request.method, route: (try? route.get())?.template, status: response.status.code, took: .now - start)
        return response
    }

    /// The answer to a request that the HTTP server has refused to read.
    package func refuse(_ refusal: Refusal) -> Response {
        var response = Self.response(Fault(refusal))
        response.headers.set(Self.requestIDName, RequestID.random())
        counts.countRefusal(status: response.status.code)
        return response
    }

    private func answer(to request: Request, at route: Result<Route, APIError>) throws -> Answer {
        // Who has no token does not learn which paths there are.
        if (try? route.get())?.isPublic != true { try authentication.check(request) }
        let route = try route.get()
        let version = route.isPublic ? .minimum : try Microversion(request.headers)
        let call = try APICall(request, at: route, version: version)
        do {
            // The other methods are idempotent as they are.
            if request.method == .post, let key = try IdempotencyKey(request.headers) {
                return try performOnce(call, request, try key.receipt(for: request))
            }
            return try perform(call, Links(request))
        } catch let error as ReadinessError {
            throw APIError.notReady(error)
        }
    }
}

extension BackupAPI {
    private static func response(_ answer: Answer) -> Response {
        var response = response(answer.status, answer.json)
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
        var headers: HTTPFields = [.cacheControl: "no-store", .vary: Microversion.headerName]
        headers.set(Microversion.headerName, "volume \(Microversion.maximum)")
        let status = HTTPResponse.Status(withPhrase: status)
        guard let json else { return Response(status: status, headers: headers) }
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: json.utf8 + [UInt8(ascii: "\n")])
    }
}
