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
        /// The next piece of the answer is being made.
        case producing(Production)
        /// The last answer is written; the peer has to close its end.
        case lingering
        case closed
    }

    enum Next {
        case receive, close
        case produce(Production)
    }

    /// An answer that is made as it is sent.
    struct Production {
        let source: PiecewiseReply
        let framing: StreamFraming
        let persists: Bool
    }

    let id: UInt64
    let socket: Socket
    private let peer: Peer
    private let arrival: Arrival
    let loop: ServerLoop
    /// Where it has a place; nil when it has none, and is told so.
    let acceptor: Acceptor?

    var phase = Phase.receiving
    private var parser: RequestParser
    /// The request whose body arrives.
    private var incoming: Request?
    /// The answer to a request whose head was refused, and which has no body.
    private var refusal: Response?
    var outgoing: ArraySlice<UInt8> = []

    /// Whether nobody takes this connection's place.
    private(set) var isKnown: Bool
    /// The body that is being handled.
    private var handledBytes = 0
    /// What the loop believes to be in memory for this connection.
    private(set) var held = HeldBytes()
    /// What has come after the last answer.
    private var discardedBytes = 0

    private var deadline: ContinuousClock.Instant
    /// What of the request the deadline is for: more of the same does not move it.
    private var awaited = RequestParser.Progress.idle

    private var readEvents: EventSource?
    private(set) var writeEvents: EventSource?
    /// Needed while nothing is read.
    private var hangUpEvents: EventSource?

    init(
        id: UInt64, socket: Socket, peer: Peer, arrival: Arrival, isKnown: Bool, acceptor: Acceptor?, loop: ServerLoop
    ) {
        self.id = id
        self.socket = socket
        self.peer = peer
        self.arrival = arrival
        self.isKnown = isKnown
        self.acceptor = acceptor
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
            guard case .receiving = phase else { return discard(count) }
            loop.hasHeard(from: id)
            parser.append(UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count]))
            advance()
            account()
        } catch {
            if error.errno != .resourceTemporarilyUnavailable { close() }
        }
    }

    private func advance() {
        switch parser.next() {
        case .needsMore: awaitMore()
        case .head(let head): begin(head)
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

    /// Asks the owner whether the body may come.
    private func begin(_ head: RequestHead) {
        let request = Request(
            method: head.method, target: head.target, authority: head.authority, headers: head.headers, peer: peer,
            arrival: arrival)
        switch loop.admit(request) {
        case .known: become(known: true)
        case .anyone: break
        case .refused(let response):
            guard head.framing == .sized(0) else {
                return write(response.encoded(toHead: head.method == .head, persists: false), then: .close)
            }
            refusal = response
        }
        if case .sized(let count) = head.framing, count > 0, !loop.hasRoom(for: count) {
            return refuse(.tooMuchReceived(limit: loop.limits.receivedBytes), toHead: head.method == .head)
        }
        incoming = request
        advance()
    }

    private func become(known: Bool) {
        guard !isKnown else { return }
        loop.know(self)
        isKnown = true
    }

    private func handle(_ head: RequestHead, _ body: [UInt8]) {
        guard var request = incoming.take() else { return close() }
        guard loop.hasRoomForAnswers else {
            return refuse(.tooMuchToSend(limit: loop.limits.answerBytes), toHead: head.method == .head)
        }
        phase = .handling(head)
        readEvents?.pause()
        // Not from here: however many requests are waiting in the parser, the stack does not grow.
        if let refusal = refusal.take() { return loop.answer(id, with: .response(refusal)) }
        request.body = body
        handledBytes = body.count
        loop.handle(request, from: id)
    }

    /// What a peer still sends that has had its last answer is for nobody.
    private func discard(_ count: Int) {
        discardedBytes += count
        if discardedBytes > loop.limits.lingerBytes { close() }
    }

    /// Tells the loop what is in memory for this connection, and hears whether that is too much.
    func account() {
        if case .closed = phase { return }
        let isHandled = if case .handling = phase { true } else { false }
        if !isHandled { handledBytes = 0 }
        var now = HeldBytes()
        now.received = parser.byteCount + handledBytes
        now.toSend = outgoing.endIndex
        if now == held { return }
        let before = held
        held = now
        loop.account(self, from: before)
    }

    /// More would be in memory than may be.
    func refuseForMemory() {
        if case .receiving = phase { refuse(.tooMuchReceived(limit: loop.limits.receivedBytes)) }
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
        case .pieces(let source): begin(source, to: head)
        }
        account()
    }

    private func answer(_ response: Response, to head: RequestHead) {
        let persists = head.persists && !response.wantsClose && !loop.isStopping
        let bytes = response.encoded(toHead: head.method == .head, persists: persists)
        write(bytes, then: persists ? .receive : .close)
    }

    func refuse(_ refusal: Refusal, toHead isHead: Bool = false) {
        let response = loop.refusalResponse(refusal)
        write(response.encoded(toHead: isHead, persists: false), then: .close)
    }

    private func begin(_ source: PiecewiseReply, to head: RequestHead) {
        let framing = StreamFraming(head.version)
        let persists = head.persists && framing == .chunked && !loop.isStopping
        let response = Response(status: .ok, headers: source.headers)
        let bytes = response.head(framing: framing.header, persists: persists)
        if head.method == .head { return write(bytes, then: persists ? .receive : .close) }
        write(bytes, then: .produce(Production(source: source, framing: framing, persists: persists)))
    }

    /// The next piece of an answer that is made as it is sent; nil at its end.
    func go(on piece: Result<[UInt8]?, any Error>) {
        guard case .producing(let production) = phase else { return }
        switch piece {
        case .failure: close()
        case .success(let bytes?): write(production.framing.encoded(bytes), then: .produce(production))
        case .success(nil):
            write(production.framing.end, then: production.persists && !loop.isStopping ? .receive : .close)
        }
        account()
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
        case .produce(let production):
            phase = .producing(production)
            loop.produce(production.source, for: id)
        }
        account()
    }
}

/// Ending.
extension Connection {
    /// RFC 9112 §9.6: closing with bytes unread makes the system reset the connection, and the peer may lose the
    /// answer that told it why. So close our half, and read on for a while.
    private func linger() {
        phase = .lingering
        parser = RequestParser(limits: loop.limits)
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
        case .handling, .producing, .closed: break
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
        case .handling, .writing, .producing, .lingering, .closed: break
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
        loop.didClose(self)
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
