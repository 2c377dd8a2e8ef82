// SPDX-License-Identifier: Apache-2.0
import Posix

/// A listening socket, its events, and who is connected to it. Used on its server's loop only.
final class Acceptor {
    let listener: ListeningSocket
    /// Of the endpoint.
    let number: Int
    var places: Places
    private var events: EventSource?

    init(_ listener: ListeningSocket, _ number: Int, _ places: Places) {
        self.listener = listener
        self.number = number
        self.places = places
    }

    func start(on poll: EventPoll, handler: @escaping () -> Void) {
        events = EventSource(reading: listener.socket.descriptor, on: poll, handler: handler)
    }

    func pause() { events?.pause() }
    func resume() { events?.resume() }

    /// Whoever still waits to be accepted is refused by the system.
    func close() {
        listener.removeFile()
        events?.cancel()
        listener.close()
    }
}
