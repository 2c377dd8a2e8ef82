// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// An epoll instance (epoll(7)), level-triggered: tells which of many descriptors can be read or written. Closed when
/// the last reference goes.
package final class Epoll: Sendable {
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let reading = Interest(rawValue: EPOLLIN.rawValue)
        package static let writing = Interest(rawValue: EPOLLOUT.rawValue)
        /// The peer has closed its end, or its sending half of it; also told while there are bytes to read.
        package static let peerClosing = Interest(rawValue: EPOLLRDHUP.rawValue)
    }

    package struct Event: Sendable {
        /// What the descriptor was added with.
        package let token: UInt64
        /// A descriptor that has failed, or whose peer has hung up, is ready for everything: the next call tells.
        package let ready: Interest
    }

    /// Readable when `wait` has events to tell of.
    package let descriptor: FileDescriptor

    package init() throws {
        let made = try systemCall("make", "an epoll instance") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        descriptor = FileDescriptor(rawValue: made)
    }

    deinit { _ = Glibc.close(descriptor.rawValue) }

    package func add(_ watched: FileDescriptor, _ interest: Interest, token: UInt64) throws {
        try control(EPOLL_CTL_ADD, watched, interest, token)
    }

    package func change(_ watched: FileDescriptor, to interest: Interest, token: UInt64) throws {
        try control(EPOLL_CTL_MOD, watched, interest, token)
    }

    package func remove(_ watched: FileDescriptor) throws { try control(EPOLL_CTL_DEL, watched, [], 0) }

    private func control(_ operation: Int32, _ watched: FileDescriptor, _ interest: Interest, _ token: UInt64) throws {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        try systemCall("watch", "descriptor \(watched.rawValue)") {
            epoll_ctl(descriptor.rawValue, operation, watched.rawValue, &event)
        }
    }

    /// What is ready now, at most `limit` descriptors; never waits.
    package func poll(limit: Int) throws -> [Event] {
        try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: limit) { events in
            let count = try systemCall("wait on", "an epoll instance") {
                epoll_wait(descriptor.rawValue, events.baseAddress, Int32(limit), 0)
            }
            let failures = EPOLLERR.rawValue | EPOLLHUP.rawValue
            return events[..<Int(count)].map { event in
                let ready = Interest(rawValue: event.events)
                return Event(
                    token: event.data.u64,
                    ready: event.events & failures == 0 ? ready : [.reading, .writing, .peerClosing])
            }
        }
    }
}
