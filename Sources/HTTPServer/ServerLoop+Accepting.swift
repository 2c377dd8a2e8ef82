// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPTypes
import Posix
import SystemPackage

/// Accepting, and who gives way.
extension ServerLoop {
    /// Where few descriptors may be open, half of them are for everything but connections.
    func keepReserve() {
        guard let limit = try? DescriptorLimit.current() else { return }
        let reserve = min(UInt64(limits.reservedDescriptors), limit / 2)
        firstReservedDescriptor = Int32(clamping: limit - reserve)
        lingeringRefusals = min(limits.lingeringRefusals, Int(reserve / 4))
    }

    func accept(from acceptor: Acceptor) {
        // A burst leaves room for the connections there are.
        for _ in 0..<64 where mayAccept(from: acceptor) {
            do {
                try add(acceptor.listener.accept(), acceptor)
            } catch {
                if !canContinue(after: error.errno) { break }
            }
        }
        updateAccepting()
    }

    private func mayAccept(from acceptor: Acceptor) -> Bool { !isStopping && !isExhausted && !acceptor.places.isFull }

    /// Where all places are taken by those who have a right to them, clients wait in the system's backlog, and cost
    /// nothing here. Other listeners go on.
    func updateAccepting() {
        for acceptor in acceptors { mayAccept(from: acceptor) ? acceptor.resume() : acceptor.pause() }
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
        case .tooManyOpenFiles where makeRoom():
            return true
        default:
            isExhausted = true
            return false
        }
    }

    private func add(_ socket: Socket, _ acceptor: Acceptor) {
        guard let peer = try? Peer(of: socket), let arrival = try? Arrival(listener: acceptor.number, of: socket)
        else { return socket.close() }
        switch acceptor.places.verdict(on: peer) {
        case .free: break
        case .inPlaceOf(let id): giveWay(id)
        case .none: return socket.close()
        case .tooManyOfUser:
            guard case .unix(let credentials) = peer else { return socket.close() }
            return turnAway(socket, peer, .tooManyOfUser(credentials.uid, limit: limits.connectionsPerUser))
        }
        var socket = socket
        if socket.descriptor.rawValue >= firstReservedDescriptor {
            guard makeRoom() else { return turnAway(socket, peer, .noDescriptors) }
            // A connection that keeps its place must not keep it in the reserve.
            socket = socket.renumbered()
        }
        // It only saves milliseconds, so it may fail.
        if case .tcp = peer { try? socket.sendWithoutDelay() }
        let isKnown = acceptor.places.add(lastID + 1, peer)
        begin(socket, peer, arrival, isKnown: isKnown, acceptor)
    }

    @discardableResult
    private func begin(
        _ socket: Socket, _ peer: Peer, _ arrival: Arrival, isKnown: Bool, _ acceptor: Acceptor?
    ) -> Connection {
        lastID += 1
        running.enter()
        let connection = Connection(
            id: lastID, socket: socket, peer: peer, arrival: arrival, isKnown: isKnown, acceptor: acceptor,
            loop: self)
        connections[lastID] = connection
        connection.start()
        return connection
    }

    func giveWay(_ id: UInt64) {
        crowding.gaveWay += 1
        connections[id]?.close()
    }

    /// Closes the connection that has been idle for longest of those nobody knows, where most of them are; false when
    /// there is none.
    private func makeRoom() -> Bool {
        let fullest = acceptors.max { $0.places.strangerCount < $1.places.strangerCount }
        guard let id = fullest?.places.oldestStranger else { return false }
        giveWay(id)
        return true
    }

    /// Says why, as far as that goes. A few linger, so that the answer arrives also where the request comes later.
    private func turnAway(_ socket: Socket, _ peer: Peer, _ refusal: Refusal) {
        crowding.turnedAway(refusal)
        if turnedAway.count < lingeringRefusals {
            let connection = begin(socket, peer, Arrival(), isKnown: false, nil)
            turnedAway.insert(connection.id)
            connection.refuse(refusal)
        } else {
            let response = refusalResponse(refusal).encoded(toHead: false, persists: false)
            _ = try? socket.send(response[...])
            socket.close()
        }
    }

    /// The answer to what the server refuses by itself.
    func refusalResponse(_ refusal: Refusal) -> Response {
        var response = refuse(refusal)
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }

    func didClose(_ connection: Connection) {
        connections[connection.id] = nil
        connection.acceptor?.places.remove(connection.id)
        turnedAway.remove(connection.id)
        release(connection)
        isExhausted = false
        updateAccepting()
        running.leave()
    }
}
