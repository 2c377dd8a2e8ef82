// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

/// The control API: turns HTTP requests into calls of the service, and its results and errors into answers.
package struct BackupAPI: Sendable {
    /// Called with what is answered by a 5xx, for the log: the client is not told all of it.
    package typealias FailureLog = @Sendable (_ error: any Error, _ request: Request) -> Void

    /// What a request that watches is answered by: the headers of a stream, and how it would be answered at once.
    typealias Watching = @Sendable (Watch, HTTPFields, @escaping @Sendable () -> Response) throws -> Reply

    private static let requestIDName = "x-openstack-request-id"

    private let authentication: Authentication
    private let logFailure: FailureLog
    private let perform: @Sendable (APICall, Links) throws -> Answer
    private let watch: Watching

    /// - Parameter host: what the daemon's machine is called in `GET /os-services`.
    package init(
        service: BackupService, authentication: Authentication, host: String,
        logFailure: @escaping FailureLog
    ) {
        self.init(
            authentication: authentication, logFailure: logFailure,
            watch: { try service.watch($0, headers: $1, answer: $2) },
            perform: { call, links in try call.perform(with: service, host: host, links: links) })
    }

    init(
        authentication: Authentication, logFailure: @escaping FailureLog = { _, _ in },
        watch: @escaping Watching = { _, _, answer in .response(answer()) },
        perform: @escaping @Sendable (APICall, Links) throws -> Answer
    ) {
        self.authentication = authentication
        self.logFailure = logFailure
        self.watch = watch
        self.perform = perform
    }

    /// Answers one request, at once or, where it watches, for as long as that takes.
    package func reply(to request: Request) -> Reply {
        do {
            guard let watch = try watch(in: request) else { return .response(respond(to: request)) }
            var headers = Self.headers(of: ServerSentEvents.mediaType)
            headers.set(Self.requestIDName, request.id)
            return try self.watch(watch, headers) { respond(to: request) }
        } catch {
            return .response(refuse(request, error))
        }
    }

    /// nil where it watches nothing; what is wrong with it then is found out when it is answered.
    private func watch(in request: Request) throws -> Watch? {
        guard let route = try? Route(path: request.path) else { return nil }
        switch route {
        case .backup, .volume, .backupEvents, .events: break
        default: return nil
        }
        try authentication.check(request)
        _ = try Microversion(request.headers)
        return try Watch(request, at: route)
    }

    /// Answers one request at once. It may wait for the catalog, and never for a job.
    package func respond(to request: Request) -> Response {
        do {
            let page = Page.isWanted(by: request) ? try Page.response() : nil
            return completed(try page ?? Self.response(answer(to: request)), for: request)
        } catch {
            return refuse(request, error)
        }
    }

    private func refuse(_ request: Request, _ error: any Error) -> Response {
        let fault = Fault(error)
        if fault.status >= 500 { logFailure(error, request) }
        return completed(Self.response(fault), for: request)
    }

    /// With what every answer to this request has.
    private func completed(_ response: Response, for request: Request) -> Response {
        var response = response
        response.headers.set(Self.requestIDName, request.id)
        if request.path == "/" { response.headers.append(HTTPField(name: .vary, value: "Accept")) }
        // RFC 9110 §11.6.1: whoever was answered without a token learns that it would show more.
        if !authentication.admits(request) { response.headers[.wwwAuthenticate] = Authentication.challenge }
        return response
    }

    /// The answer to a request that the HTTP server has refused to read.
    package static func refuse(_ refusal: Refusal) -> Response {
        var response = response(Fault(refusal))
        response.headers.set(requestIDName, RequestID.random())
        return response
    }

    private func answer(to request: Request) throws -> Answer {
        let route: Route
        do {
            route = try Route(path: request.path)
        } catch {
            // Who has no token does not learn which paths there are.
            try authentication.check(request)
            throw error
        }
        if !route.isPublic { try authentication.check(request) }
        let version = route.isPublic ? .minimum : try Microversion(request.headers)
        let call = try APICall(request, at: route, version: version)
        do {
            return try perform(call, Links(request))
        } catch {
            if call == .checkHealth { throw APIError.unhealthy(reason: "\(error)") }
            throw error
        }
    }
}

extension BackupAPI {
    private static func response(_ answer: Answer) -> Response {
        var response = response(answer.status, answer.json)
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
