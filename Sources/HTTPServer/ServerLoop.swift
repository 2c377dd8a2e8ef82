// SPDX-License-Identifier: Apache-2.0
import Dispatch
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
    private let quickHandlers = HandlerPool(laneCount: 1)
    /// Left when the last socket is closed.
    let running = DispatchGroup()

    private var acceptors: [Acceptor] = []
    private var connections: [UInt64: Connection] = [:]
    private var lastID: UInt64 = 0
    /// Connections whose answer comes later or is a stream.
    private var lastingReplies = 0
    private(set) var isStopping = false
    /// The system has no descriptor or memory for another connection.
    private var isExhausted = false
    private var timer: (any DispatchSourceTimer)?
    private var isSweeping = false
    /// Shared by all connections: what arrives is copied from here at once.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init(
        limits: Limits, refuse: @escaping @Sendable (Refusal) -> Response,
        isQuick: @escaping @Sendable (Request) -> Bool,
        handler: @escaping @Sendable (Request) -> Reply
    ) throws {
        self.queue = DispatchQueue(label: "HTTPServer.loop")
        self.events = try EventPoll(on: queue)
        self.limits = limits
        self.refuse = refuse
        self.isQuick = isQuick
        self.handler = handler
        self.handlers = HandlerPool(laneCount: limits.runningHandlers)
    }

    deinit { receiveBuffer.deallocate() }

    func start(_ listeners: [ListeningSocket]) {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { self.sweep() }
        timer.activate()
        self.timer = timer
        for (number, listener) in listeners.enumerated() {
            running.enter()
            let acceptor = Acceptor(listener)
            acceptors.append(acceptor)
            acceptor.start(on: events) { self.accept(from: listener, number) }
        }
    }

    /// Has `request` handled, and the answer written when it is there.
    func handle(_ request: Request, from id: UInt64) {
        handle(from: id, in: isQuick(request) ? quickHandlers : handlers) { [handler] in handler(request) }
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

    func connection(_ id: UInt64) -> Connection? { connections[id] }

    /// False when as many connections wait or are streamed to as may: the others are for who wants an answer at once.
    func takeLastingPlace() -> Bool {
        guard lastingReplies < limits.lastingReplies else { return false }
        lastingReplies += 1
        return true
    }

    func freeLastingPlace() { lastingReplies -= 1 }
}

/// Accepting.
extension ServerLoop {
    private func accept(from listener: ListeningSocket, _ number: Int) {
        // A burst leaves room for the connections there are.
        for _ in 0..<64 where mayAccept {
            do {
                try add(listener.accept(), number)
            } catch {
                if !canContinue(after: error.errno) { break }
            }
        }
        updateAccepting()
    }

    private var mayAccept: Bool { !isStopping && !isExhausted && connections.count < limits.connections }

    /// Above the limit, clients wait in the system's backlog, and cost nothing here.
    private func updateAccepting() {
        for acceptor in acceptors { mayAccept ? acceptor.resume() : acceptor.pause() }
        updateSweeping()
    }

    /// accept(2) also reports what has happened to the connection that it would have returned. Whatever else goes
    /// wrong will go wrong again at once, so it is tried again later: when a connection closes, or at the next sweep.
    private func canContinue(after error: Errno) -> Bool {
        switch error {
        case .resourceTemporarilyUnavailable:
            return false
        case .connectionAbort, .protocolError, .networkDown, .hostIsDown, .noRouteToHost, .networkUnreachable,
            .notSupported, .timedOut, .connectionReset:
            return true
        default:
            isExhausted = true
            return false
        }
    }

    /// - Parameter number: of the endpoint.
    private func add(_ socket: Socket, _ number: Int) {
        guard let peer = try? Peer(of: socket), let arrival = try? Arrival(listener: number, of: socket) else {
            return socket.close()
        }
        // It only saves milliseconds, so it may fail.
        if case .tcp = peer { try? socket.sendWithoutDelay() }
        lastID += 1
        running.enter()
        let connection = Connection(id: lastID, socket: socket, peer: peer, arrival: arrival, loop: self)
        connections[lastID] = connection
        connection.start()
    }

    func didClose(_ id: UInt64) {
        connections[id] = nil
        isExhausted = false
        updateAccepting()
        running.leave()
    }
}

/// Deadlines.
extension ServerLoop {
    /// A server without connections does not wake the processor.
    private func updateSweeping() {
        let isNeeded = !connections.isEmpty || isExhausted
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
        updateAccepting()
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
