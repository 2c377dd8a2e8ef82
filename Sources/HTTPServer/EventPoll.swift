// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Posix
import SystemPackage

/// Calls handlers on a queue when their descriptors can be read or written, or their peers hang up: one epoll instance for all of them, which
/// one Dispatch source watches.
///
/// A Dispatch source for each would do the same in fewer lines, if libdispatch did not, on Linux, now and then touch a
/// source's bookkeeping after freeing it when peers hang up while sources come and go (swift-corelibs-libdispatch,
/// issue 949): the daemon crashed. An epoll instance never hangs up, and stays for the life of the server.
///
/// Used on its queue only.
final class EventPoll {
    private struct Watch {
        let descriptor: FileDescriptor
        var interest: Epoll.Interest
        var handlers: [(interest: Epoll.Interest, call: () -> Void)]
    }

    private static let eventsPerTurn = 64

    private let epoll: Epoll
    private let source: any DispatchSourceRead
    private var watches: [UInt64: Watch] = [:]
    private var tokens: [FileDescriptor: UInt64] = [:]
    private var lastToken: UInt64 = 0

    init(on queue: DispatchQueue) throws {
        epoll = try Epoll()
        source = DispatchSource.makeReadSource(fileDescriptor: epoll.descriptor.rawValue, queue: queue)
        source.setEventHandler { [weak self] in self?.turn() }
        // The source needs the descriptor until it is cancelled.
        source.setCancelHandler { [epoll] in _ = epoll }
        source.activate()
    }

    deinit { source.cancel() }

    /// The descriptors stay open, but nobody is told of them any more.
    func stop() {
        source.cancel()
        watches = [:]
        tokens = [:]
    }

    /// A descriptor is watched for each interest at most once.
    func watch(_ descriptor: FileDescriptor, _ interest: Epoll.Interest, _ handler: @escaping () -> Void) {
        if let token = tokens[descriptor] {
            watches[token]?.handlers.append((interest, handler))
        } else {
            // Never used again, unlike the descriptor's number: an event that has been overtaken finds nobody.
            lastToken += 1
            tokens[descriptor] = lastToken
            watches[lastToken] = Watch(descriptor: descriptor, interest: [], handlers: [(interest, handler)])
        }
        resume(descriptor, interest)
    }

    func resume(_ descriptor: FileDescriptor, _ interest: Epoll.Interest) {
        change(descriptor) { $0.insert(interest) }
    }

    func pause(_ descriptor: FileDescriptor, _ interest: Epoll.Interest) {
        change(descriptor) { $0.remove(interest) }
    }

    func forget(_ descriptor: FileDescriptor, _ interest: Epoll.Interest) {
        pause(descriptor, interest)
        guard let token = tokens[descriptor] else { return }
        watches[token]?.handlers.removeAll { $0.interest == interest }
        guard watches[token]?.handlers.isEmpty == true else { return }
        watches[token] = nil
        tokens[descriptor] = nil
    }

    /// A descriptor that nobody waits for is not in the epoll instance: it would report a hang-up again and again.
    private func change(_ descriptor: FileDescriptor, _ body: (inout Epoll.Interest) -> Void) {
        guard let token = tokens[descriptor], let before = watches[token]?.interest else { return }
        var interest = before
        body(&interest)
        guard interest != before else { return }
        watches[token]?.interest = interest
        // What the system cannot watch for lack of memory hears of nothing, and runs into its deadline.
        if before.isEmpty {
            try? epoll.add(descriptor, interest, token: token)
        } else if interest.isEmpty {
            try? epoll.remove(descriptor)
        } else {
            try? epoll.change(descriptor, to: interest, token: token)
        }
    }

    private func turn() {
        for event in (try? epoll.poll(limit: Self.eventsPerTurn)) ?? [] {
            for interest in [Epoll.Interest.reading, .writing, .peerClosing] where event.ready.contains(interest) {
                // Looked up anew: the handler before may have changed everything.
                guard let watch = watches[event.token], watch.interest.contains(interest) else { continue }
                watch.handlers.first { $0.interest == interest }?.call()
            }
        }
    }
}
