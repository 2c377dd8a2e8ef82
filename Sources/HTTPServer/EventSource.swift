// SPDX-License-Identifier: Apache-2.0
import Posix
import SystemPackage

/// Calls a handler whenever a descriptor can be read or written, or its peer has hung up, unless it is paused. Used on its poll's queue only.
final class EventSource {
    private let descriptor: FileDescriptor
    private let interest: Epoll.Interest
    private let poll: EventPoll

    init(reading descriptor: FileDescriptor, on poll: EventPoll, handler: @escaping () -> Void) {
        self.descriptor = descriptor
        self.interest = .reading
        self.poll = poll
        poll.watch(descriptor, interest, handler)
    }

    init(writing descriptor: FileDescriptor, on poll: EventPoll, handler: @escaping () -> Void) {
        self.descriptor = descriptor
        self.interest = .writing
        self.poll = poll
        poll.watch(descriptor, interest, handler)
    }

    init(hangUpOf descriptor: FileDescriptor, on poll: EventPoll, handler: @escaping () -> Void) {
        self.descriptor = descriptor
        self.interest = .peerClosing
        self.poll = poll
        poll.watch(descriptor, interest, handler)
    }

    func pause() { poll.pause(descriptor, interest) }

    func resume() { poll.resume(descriptor, interest) }

    /// Ends the events; only then may the descriptor be closed.
    func cancel() { poll.forget(descriptor, interest) }
}
