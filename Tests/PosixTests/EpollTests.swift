// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage
import Testing

struct EpollTests {
    private let epoll: Epoll
    private let near: FileDescriptor
    private let far: FileDescriptor

    init() throws {
        epoll = try Epoll()
        var pair: [Int32] = [-1, -1]
        try systemCall("make", "a pair of sockets") {
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair)
        }
        (near, far) = (FileDescriptor(rawValue: pair[0]), FileDescriptor(rawValue: pair[1]))
    }

    private func ready() throws -> [UInt64: Epoll.Interest] {
        Dictionary(try epoll.poll(limit: 8).map { ($0.token, $0.ready) }) { $1 }
    }

    @Test func `tells what is ready, for as long as it is`() throws {
        defer { try? near.close() }
        defer { try? far.close() }
        try epoll.add(near, .reading, token: .max)
        #expect(try ready() == [:])
        _ = try far.writeAll([1])
        #expect(try ready() == [.max: .reading])
        #expect(try ready() == [.max: .reading])
        try epoll.change(near, to: [.reading, .writing], token: 7)
        #expect(try ready() == [7: [.reading, .writing]])
        try epoll.remove(near)
        #expect(try ready() == [:])
    }

    @Test func `tells that the peer sends no more, whatever it has sent`() throws {
        defer { try? near.close() }
        defer { try? far.close() }
        try epoll.add(near, .peerClosing, token: 1)
        _ = try far.writeAll([1])
        #expect(try ready() == [:])
        try systemCall("close half of", "a socket") { shutdown(far.rawValue, Int32(SHUT_WR)) }
        #expect(try ready() == [1: .peerClosing])
    }

    @Test func `a hang-up is ready for everything`() throws {
        defer { try? near.close() }
        try epoll.add(near, .reading, token: 1)
        try far.close()
        #expect(try ready() == [1: [.reading, .writing, .peerClosing]])
    }
}
