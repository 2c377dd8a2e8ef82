// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPTypes
import Posix
import SystemPackage

/// The server's one serial queue and everything that lives on it: listening sockets, connections, and the timer that
/// looks at their deadlines.
///
/// `@unchecked Sendable`, because every mutable member is touched on `queue` only, and the compiler cannot know it.
final class ServerLoop: @unchecked Sendable {
    let queue: DispatchQueue
    let events: EventPoll
    let limits: Limits
    let refuse: @Sendable (Refusal) -> Response
    private let handler: @Sendable (Request) -> Reply
    private let isQuick: @Sendable (Request) -> Bool
    private let handlers: HandlerPool
    /// Of requests that change something: whoever only looks does not stand in line behind their waits for the disk.
    private let changingHandlers: HandlerPool
    private let quickHandlers = HandlerPool(laneCount: 1)
    /// Left when the last socket is closed.
    let running = DispatchGroup()

    let admit: @Sendable (Request) -> Admission
    let tell: @Sendable (Crowding) -> Void

    var acceptors: [Acceptor] = []
    var connections: [UInt64: Connection] = [:]
    var lastID: UInt64 = 0
    /// The numbers from here on are the reserve of descriptors: the system gives the lowest that is free.
    var firstReservedDescriptor = Int32.max
    /// How many may linger that have been turned away: they sit in the reserve.
    var lingeringRefusals = 0
    /// Those that have been turned away and linger.
    var turnedAway: Set<UInt64> = []
    var crowding = Crowding()
    private var nextReport = ContinuousClock.now
    /// In memory for those that are known, and for all others.
    var knownBytes = HeldBytes()
    var strangersBytes = HeldBytes()
    /// Those of the others who hold anything, the longest idle first.
    var holders = RecencyOrder()
    /// Connections whose answer comes later or is a stream.
    private var lastingReplies = 0
    private(set) var isStopping = false
    /// The system has no descriptor or memory for another connection.
    var isExhausted = false
    private var timer: (any DispatchSourceTimer)?
    private var isSweeping = false
    /// Shared by all connections: what arrives is copied from here at once.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init(
        limits: Limits, refuse: @escaping @Sendable (Refusal) -> Response,
        admit: @escaping @Sendable (Request) -> Admission,
        isQuick: @escaping @Sendable (Request) -> Bool,
        tell: @escaping @Sendable (Crowding) -> Void,
        handler: @escaping @Sendable (Request) -> Reply
    ) throws {
        self.queue = DispatchQueue(label: "HTTPServer.loop")
        self.events = try EventPoll(on: queue)
        self.limits = limits
        self.refuse = refuse
        self.admit = admit
        self.tell = tell
        self.isQuick = isQuick
        self.handler = handler
        self.handlers = HandlerPool(laneCount: limits.runningHandlers)
        self.changingHandlers = HandlerPool(laneCount: limits.changingHandlers)
    }

    deinit { receiveBuffer.deallocate() }

    func start(_ listeners: [ListeningSocket]) {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { self.sweep() }
        timer.activate()
        self.timer = timer
        keepReserve()
        for (number, listener) in listeners.enumerated() {
            running.enter()
            let acceptor = Acceptor(listener, number, Places(limits: limits, trusted: [0, PeerCredentials.ownUser]))
            acceptors.append(acceptor)
            acceptor.start(on: events) { self.accept(from: acceptor) }
        }
    }

    /// Has `request` handled, and the answer written when it is there.
    func handle(_ request: Request, from id: UInt64) {
        handle(from: id, in: pool(for: request)) { [handler] in handler(request) }
    }

    private func pool(for request: Request) -> HandlerPool {
        if isQuick(request) { return quickHandlers }
        return request.method.isSafe ? handlers : changingHandlers
    }

    func handle(from id: UInt64, _ work: @escaping @Sendable () -> Reply) { handle(from: id, in: handlers, work) }

    /// The connection may be gone when `work` is done.
    private func handle(from id: UInt64, in pool: HandlerPool, _ work: @escaping @Sendable () -> Reply) {
        pool.run { [queue] in
            let reply = work()
            queue.async {
                guard let connection = self.connections[id] else { return reply.abandon() }
                connection.answer(reply)
            }
        }
    }

    /// Answers as if a handler had.
    func answer(_ id: UInt64, with reply: Reply) {
        queue.async { self.connections[id]?.answer(reply) }
    }

    /// Has the next piece of an answer made.
    func produce(_ source: PiecewiseReply, for id: UInt64) {
        handlers.run { [queue] in
            let piece = Result { try source.next() }
            queue.async { self.connections[id]?.go(on: piece) }
        }
    }

    func connection(_ id: UInt64) -> Connection? { connections[id] }

    /// False when as many connections wait or are streamed to as may: the others are for who wants an answer at once.
    func takeLastingPlace() -> Bool {
        guard lastingReplies < limits.lastingReplies else { return false }
        lastingReplies += 1
        return true
    }

    func freeLastingPlace() { lastingReplies -= 1 }
}

/// Deadlines.
extension ServerLoop {
    /// A server without connections does not wake the processor.
    func updateSweeping() {
        let isNeeded = !connections.isEmpty || isExhausted || !crowding.isEmpty
        if isNeeded == isSweeping { return }
        isSweeping = isNeeded
        let interval = DispatchTimeInterval(limits.sweepInterval)
        if isNeeded {
            timer?.schedule(deadline: .now() + interval, repeating: interval, leeway: interval)
        } else {
            timer?.schedule(deadline: .distantFuture)
        }
    }

    private func sweep() {
        let now = ContinuousClock.now
        for connection in Array(connections.values) { connection.expire(at: now) }
        isExhausted = false
        report(at: now)
        updateAccepting()
    }

    /// Once a minute at most.
    private func report(at now: ContinuousClock.Instant) {
        guard !crowding.isEmpty, now >= nextReport else { return }
        nextReport = now + .seconds(60)
        tell(crowding)
        crowding = Crowding()
    }
}

/// Stopping.
extension ServerLoop {
    /// Closes what waits for a client, ends streams; answers what has been asked.
    func beginStop() {
        if isStopping { return }
        isStopping = true
        for acceptor in acceptors {
            acceptor.close()
            running.leave()
        }
        acceptors = []
        for connection in Array(connections.values) { connection.beginStop() }
    }

    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }

    /// Lets go of the timer, which holds the loop, and of the events.
    func end() {
        events.stop()
        timer?.cancel()
        timer = nil
    }
}

extension HTTPRequest.Method {
    /// Whether it only looks (RFC 9110 §9.2.1).
    fileprivate var isSafe: Bool { [.get, .head, .options, .trace].contains(self) }
}
