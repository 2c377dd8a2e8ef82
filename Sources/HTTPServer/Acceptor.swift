// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix

/// A listening socket and its events. Used on its server's loop only.
final class Acceptor {
    let listener: ListeningSocket
    private var events: EventSource?

    init(_ listener: ListeningSocket) {
        self.listener = listener
    }

    func start(on queue: DispatchQueue, handler: @escaping () -> Void) {
        events = EventSource(reading: listener.socket.descriptor, on: queue, handler: handler)
    }

    func pause() { events?.pause() }
    func resume() { events?.resume() }

    /// Whoever still waits to be accepted is refused by the system.
    func close(completion: @escaping () -> Void) {
        listener.removeFile()
        events?.cancel {
            self.listener.close()
            completion()
        }
    }
}
