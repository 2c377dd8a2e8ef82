// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTPTypes
import Posix
import SystemPackage

/// Answers that come later, and those that go on.
extension Connection {
    func wait(for later: LaterReply, to head: RequestHead) {
        guard loop.takeLastingPlace() else { return refuseToLast(.later(later), head) }
        phase = .waiting(head, later)
        setDeadline(after: later.timeout)
        watchForHangUp()
        let isAwake = later.attach { [loop, id] in loop.queue.async { loop.connection(id)?.resolve() } }
        if isAwake || loop.isStopping { resolve() }
    }

    /// Works the answer out, once.
    func resolve() {
        guard case .waiting(let head, let later) = phase else { return }
        endLasting()
        phase = .handling(head)
        loop.handle(from: id) { .response(later.answer()) }
    }

    func begin(_ stream: StreamedReply, to head: RequestHead) {
        let framing = StreamFraming(head.version)
        let response = Response(status: .ok, headers: stream.headers)
        guard head.method != .head else {
            stream.end()
            let persists = head.persists && !loop.isStopping
            return write(response.head(framing: framing.header, persists: persists), then: persists ? .receive : .close)
        }
        guard loop.takeLastingPlace() else { return refuseToLast(.stream(stream), head) }
        phase = .streaming(stream, framing)
        // It only saves memory, so it may fail.
        try? socket.setSendBuffer(bytes: loop.limits.streamSendBufferBytes)
        outgoing = response.head(framing: framing.header, persists: false)[...]
        setDeadline(after: loop.limits.writeTimeout)
        watchForHangUp()
        if loop.isStopping { cutStream() } else { flushStream() }
    }

    private func refuseToLast(_ reply: Reply, _ head: RequestHead) {
        reply.abandon()
        refuse(.tooManyLastingReplies(limit: loop.limits.lastingReplies), toHead: head.method == .head)
    }

    /// Writes as much of the stream as there is and as the peer takes.
    func flushStream() {
        guard case .streaming(let stream, let framing) = phase else { return }
        if stream.hasOverflowed { return close() }
        do {
            while true {
                while !outgoing.isEmpty {
                    outgoing = outgoing.dropFirst(try socket.send(outgoing))
                    setDeadline(after: loop.limits.writeTimeout)
                }
                switch stream.next(orWake: { [loop, id] in loop.queue.async { loop.connection(id)?.flushStream() } }) {
                case .bytes(let bytes):
                    outgoing = framing.encoded(bytes)[...]
                    setDeadline(after: loop.limits.writeTimeout)
                case .wait:
                    writeEvents?.pause()
                    return
                case .finished:
                    endLasting()
                    return write(framing.end, then: .close)
                case .overflowed: return close()
                }
            }
        } catch {
            error.errno == .resourceTemporarilyUnavailable ? awaitWritable() : close()
        }
    }

    /// Ends a stream in the middle. A peer that takes its time finds the connection closed, and not the end of the body.
    func cutStream() {
        guard case .streaming(_, let framing) = phase else { return }
        outgoing += framing.end
        _ = try? socket.send(outgoing)
        close()
    }

    /// The peer has closed its end. It may still listen for a single answer; from a stream it would have to go some time.
    func hungUp() {
        switch phase {
        case .waiting: resolve()
        case .streaming: close()
        default: ignoreHangUp()
        }
    }

    /// To be called whenever a phase that lasts is left.
    func endLasting() {
        switch phase {
        case .waiting(_, let later): later.end()
        case .streaming(let stream, _): stream.end()
        default: return
        }
        ignoreHangUp()
        loop.freeLastingPlace()
    }
}
