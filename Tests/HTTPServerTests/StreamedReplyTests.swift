// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import HTTPServer

struct StreamedReplyTests {
    private let a = [UInt8](repeating: 1, count: 40)

    @Test func `gives pieces in their order, small ones together`() {
        let stream = StreamedReply(opening: [[1], [2]])
        stream.send([3])
        let large = [UInt8](repeating: 4, count: 20_000)
        stream.send(large)
        stream.send([5])
        stream.finish()
        stream.send([6])
        #expect(stream.next {} == .bytes([1, 2, 3]))
        #expect(stream.next {} == .bytes(large))
        #expect(stream.next {} == .bytes([5]))
        #expect(stream.next {} == .finished)
    }

    @Test func `overflows when more waits than may, and holds nothing then`() {
        let stream = StreamedReply(opening: [a], bufferBytes: 80)
        stream.send(a)
        stream.send(a)
        #expect(stream.next {} == .bytes(a + a + a))
        for _ in 0..<4 { stream.send(a) }
        #expect(stream.next {} == .overflowed)
        stream.send(a)
        #expect(stream.next {} == .overflowed)
    }

    @Test func `what is offered is left out when half of the room is taken`() {
        let stream = StreamedReply(bufferBytes: 160)
        for _ in 0..<100 { stream.offer(a) }
        #expect(stream.next {} == .bytes(a + a))
        stream.offer(a)
        stream.send(a)
        stream.send(a)
        stream.offer([2])
        #expect(stream.next {} == .bytes(a + a + a))
        #expect(stream.next {} == .wait)
    }

    @Test func `the server is called once for each time that it waits`() {
        let calls = Atomic(0)
        let wake: @Sendable () -> Void = { calls.add(1, ordering: .relaxed) }
        let stream = StreamedReply()
        stream.send([1])
        #expect(stream.next(orWake: wake) == .bytes([1]))
        #expect(stream.next(orWake: wake) == .wait)
        stream.send([2])
        stream.send([3])
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(stream.next(orWake: wake) == .bytes([2, 3]))
        #expect(stream.next(orWake: wake) == .wait)
        stream.finish()
        stream.finish()
        #expect(calls.load(ordering: .relaxed) == 2)
    }

    @Test func `it is over once, and holds nothing then`() {
        let ends = Atomic(0)
        let stream = StreamedReply(opening: [a], whenOver: { ends.add(1, ordering: .relaxed) })
        stream.end()
        stream.end()
        stream.send(a)
        #expect(stream.next {} == .finished)
        #expect(ends.load(ordering: .relaxed) == 1)
    }
}
