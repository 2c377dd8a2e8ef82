// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix

/// A minimal, strict HTTP/1.1 server over POSIX sockets.
///
/// One serial queue waits for all sockets, so connections that are idle or slow, that wait for an answer or are streamed
/// to, cost no thread. Handlers are plain functions that may block; they run a few at a time. Start it once and stop it
/// once.
package final class HTTPServer: Sendable {
    private let endpoints: [Endpoint]
    private let loop: ServerLoop

    /// These are called on the server's queue, where everybody waits for them, so they must not block.
    ///
    /// - Parameters:
    ///   - refuse: shapes the answers that the server gives by itself.
    ///   - admit: is asked when the head of a request has arrived; the request has no body yet.
    ///   - isQuick: tells requests whose handler never blocks, for which there is always a thread.
    ///   - tell: hears once a minute at most, while there are too many connections, what was done about it.
    package init(
        at endpoints: [Endpoint], limits: Limits = Limits(),
        refuse: @escaping @Sendable (Refusal) -> Response = Response.plainText,
        admit: @escaping @Sendable (Request) -> Admission = { _ in .known },
        isQuick: @escaping @Sendable (Request) -> Bool = { _ in false },
        tell: @escaping @Sendable (Crowding) -> Void = { _ in },
        handler: @escaping @Sendable (Request) -> Reply
    ) throws {
        self.endpoints = endpoints
        self.loop = try ServerLoop(
            limits: limits, refuse: refuse, admit: admit, isQuick: isQuick, tell: tell, handler: handler)
    }

    /// Listens at every endpoint, or at none and throws. Returns the addresses with the ports that port 0 became.
    package func start() throws -> [SocketAddress] {
        var listeners: [ListeningSocket] = []
        do {
            for endpoint in endpoints {
                listeners.append(
                    try ListeningSocket(at: endpoint.address, mode: endpoint.mode, group: endpoint.group))
            }
        } catch {
            for listener in listeners {
                listener.removeFile()
                listener.close()
            }
            throw error
        }
        loop.queue.sync { loop.start(listeners) }
        return listeners.map(\.address)
    }

    /// Accepts no more, lets the requests that have begun to arrive finish within `grace`, and closes what is left then.
    /// Streams end at once, and what was to be answered later is answered now.
    /// Returns when every socket is closed; a handler that took longer than `grace` may still be running.
    package func stop(grace: Duration) {
        loop.queue.async { [loop] in loop.beginStop() }
        if loop.running.wait(timeout: .now() + DispatchTimeInterval(grace)) == .timedOut {
            loop.queue.async { [loop] in loop.closeAll() }
            loop.running.wait()
        }
        loop.queue.sync { loop.end() }
    }
}
