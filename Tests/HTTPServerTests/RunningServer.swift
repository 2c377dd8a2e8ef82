// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPServer
import HTTPTypes
import Posix
import TestSupport

/// A server that is stopped when the test lets go of it.
final class RunningServer {
    let server: HTTPServer
    let addresses: [SocketAddress]

    convenience init(
        _ addresses: [SocketAddress] = [.tcp(host: "127.0.0.1", port: 0)], limits: Limits = Limits(),
        handler: @escaping @Sendable (Request) -> Response = RunningServer.echo
    ) throws {
        try self.init(addresses, limits: limits, replying: { .response(handler($0)) })
    }

    init(
        _ addresses: [SocketAddress] = [.tcp(host: "127.0.0.1", port: 0)], limits: Limits = Limits(),
        admit: @escaping @Sendable (Request) -> Admission = { _ in .known },
        tell: @escaping @Sendable (Crowding) -> Void = { _ in },
        isQuick: @escaping @Sendable (Request) -> Bool = { _ in false },
        replying handler: @escaping @Sendable (Request) -> Reply = { .response(RunningServer.echo($0)) }
    ) throws {
        self.server = try HTTPServer(
            at: addresses.map { Endpoint($0) }, limits: limits, admit: admit, isQuick: isQuick, tell: tell,
            handler: handler)
        self.addresses = try server.start()
    }

    deinit { server.stop(grace: .zero) }

    func connect() throws -> RawHTTPClient { try RawHTTPClient(addresses[0]) }

    /// A client whose connection has been accepted and used.
    func connectAndAsk() throws -> RawHTTPClient {
        let client = try connect()
        _ = try client.request("GET", "/")
        return client
    }

    static let echo: @Sendable (Request) -> Response = { request in
        Response(status: .ok, body: Array("\(request.method) \(request.target) ".utf8) + request.body)
    }

    /// A path for a unix socket that nothing else uses.
    static func socketPath() -> String { "/tmp/http-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock" }
}
