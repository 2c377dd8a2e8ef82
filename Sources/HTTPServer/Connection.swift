// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Posix
import SystemPackage

/// One client's connection: it reads a request, has it handled, writes the answer, and begins again.
///
/// It belongs to its server's loop, and is used on the loop's queue only. It holds no thread; whatever it waits for, it
/// waits with a deadline, except for its own handler, and for the owner of a stream.
final class Connection {
    enum Phase {
        case receiving
        case handling(RequestHead)
        /// The answer comes later.
        case waiting(RequestHead, LaterReply)
        case streaming(StreamedReply, StreamFraming)
        case writing(then: Next)
        /// The last answer is written; the peer has to close its end.
        case lingering
        case closed
    }

    enum Next { case receive, close }

    let id: UInt64
    let socket: Socket
    private let peer: Peer
    private let arrival: Arrival
    let loop: ServerLoop

    var phase = Phase.receiving
    private var parser: RequestParser
    var outgoing: ArraySlice<UInt8> = []

    private var deadline: ContinuousClock.Instant
    /// What of the request the deadline is for: more of the same does not move it.
    private var awaited = RequestParser.Progress.idle

    private var readEvents: EventSource?
    private(set) var writeEvents: EventSource?
    /// Needed while nothing is read.
    private var hangUpEvents: EventSource?

    init(id: UInt64, socket: Socket, peer: Peer, arrival: Arrival, loop: ServerLoop) {
        self.id = id
        self.socket = socket
        self.peer = peer
        self.arrival = arrival
        self.loop = loop
        self.parser = RequestParser(limits: loop.limits)
        self.deadline = .now + loop.limits.idleTimeout
    }

    func start() {
        readEvents = EventSource(reading: socket.descriptor, on: loop.events) { self.readable() }
    }
}

/// Receiving.
extension Connection {
    private func readable() {
        do {
            let count = try socket.receive(into: loop.receiveBuffer)
            guard count > 0 else { return close() }
            // What a lingering peer still sends is for nobody.
            guard case .receiving = phase else { return }
            parser.append(UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count]))
            advance()
        } catch {
            if error.errno != .resourceTemporarilyUnavailable { close() }
        }
    }

    private func advance() {
        switch parser.next() {
        case .needsMore: awaitMore()
        case .sendContinue: write(Response.continuation, then: .receive)
        case .request(let head, let body): handle(head, body)
        case .refused(let refusal): refuse(refusal)
        }
    }

    private func awaitMore() {
        if loop.isStopping && parser.progress == .idle { return close() }
        if parser.progress != awaited {
            awaited = parser.progress
            setDeadline(after: timeout(of: awaited))
        }
        readEvents?.resume()
    }

    private func timeout(of progress: RequestParser.Progress) -> Duration {
        switch progress {
        case .idle: loop.limits.idleTimeout
        case .head: loop.limits.headTimeout
        case .body: loop.limits.bodyTimeout
        }
    }

    private func handle(_ head: RequestHead, _ body: [UInt8]) {
        phase = .handling(head)
        readEvents?.pause()
        let request = Request(
            method: head.method, target: head.target, authority: head.authority, headers: head.headers, body: body,
            peer: peer, arrival: arrival)
        loop.handle(request, from: id)
    }
}

/// Answering.
extension Connection {
    /// The handler's answer to the request that is being handled.
    func answer(_ reply: Reply) {
        guard case .handling(let head) = phase else { return reply.abandon() }
        switch reply {
        case .response(let response): answer(response, to: head)
        case .later(let later): wait(for: later, to: head)
        case .stream(let stream): begin(stream, to: head)
        }
    }

    private func answer(_ response: Response, to head: RequestHead) {
        let persists = head.persists && !response.wantsClose && !loop.isStopping
        let bytes = response.encoded(toHead: head.method == .head, persists: persists)
        write(bytes, then: persists ? .receive : .close)
    }

    func refuse(_ refusal: Refusal, toHead isHead: Bool = false) {
        var response = loop.refuse(refusal)
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        write(response.encoded(toHead: isHead, persists: false), then: .close)
    }

    func write(_ bytes: [UInt8], then next: Next) {
        phase = .writing(then: next)
        outgoing = bytes[...]
        readEvents?.pause()
        setDeadline(after: loop.limits.writeTimeout)
        flush()
    }

    private func flush() {
        guard case .writing(let next) = phase else { return }
        do {
            while !outgoing.isEmpty {
                outgoing = outgoing.dropFirst(try socket.send(outgoing))
                setDeadline(after: loop.limits.writeTimeout)
            }
            finishWriting(next)
        } catch {
            error.errno == .resourceTemporarilyUnavailable ? awaitWritable() : close()
        }
    }

    func awaitWritable() {
        if let writeEvents { return writeEvents.resume() }
        writeEvents = EventSource(writing: socket.descriptor, on: loop.events) { self.writable() }
    }

    private func writable() {
        if case .streaming = phase { flushStream() } else { flush() }
    }

    private func finishWriting(_ next: Next) {
        writeEvents?.pause()
        outgoing = []
        switch next {
        case .receive:
            phase = .receiving
            setDeadline(after: timeout(of: parser.progress))
            awaited = parser.progress
            advance()
        case .close: linger()
        }
    }
}

/// Ending.
extension Connection {
    /// RFC 9112 §9.6: closing with bytes unread makes the system reset the connection, and the peer may lose the
    /// answer that told it why. So close our half, and read on for a while.
    private func linger() {
        phase = .lingering
        setDeadline(after: loop.limits.lingerTimeout)
        socket.finishSending()
        readEvents?.resume()
    }

    /// Ends what has taken too long.
    func expire(at now: ContinuousClock.Instant) {
        guard now >= deadline else { return }
        switch phase {
        case .receiving: expireRequest()
        case .waiting: resolve()
        case .streaming: if !outgoing.isEmpty { close() }
        case .writing, .lingering: close()
        case .handling, .closed: break
        }
    }

    private func expireRequest() {
        switch parser.progress {
        case .idle: close()
        case .head: refuse(.headTimedOut)
        case .body: refuse(.bodyTimedOut)
        }
    }

    /// Nothing more is asked here, and nobody is waited for.
    func beginStop() {
        switch phase {
        case .receiving: if parser.progress == .idle { close() }
        case .waiting: resolve()
        case .streaming: cutStream()
        case .handling, .writing, .lingering, .closed: break
        }
    }

    /// The descriptor is closed when its events have ended, not before: its number may be another connection's by then.
    func close() {
        if case .closed = phase { return }
        endLasting()
        phase = .closed
        hangUpEvents?.cancel()
        writeEvents?.cancel()
        readEvents?.cancel()
        socket.close()
        loop.didClose(id)
    }

    func setDeadline(after timeout: Duration) { deadline = .now + timeout }
}

/// Watching a peer from which nothing is read: what it sends stays with the system.
extension Connection {
    func watchForHangUp() {
        if let hangUpEvents { return hangUpEvents.resume() }
        hangUpEvents = EventSource(hangUpOf: socket.descriptor, on: loop.events) { self.hungUp() }
    }

    func ignoreHangUp() { hangUpEvents?.pause() }
}
