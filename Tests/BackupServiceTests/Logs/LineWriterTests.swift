// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import BackupService

struct LineWriterTests {
    private struct Full: Error {}

    /// What has been written, and a gate in front of it.
    private final class Reader: Sendable {
        struct Line: Equatable {
            let text: String
            let lost: Int64
        }

        let lines = Mutex<[Line]>([])
        let isFull = Mutex(false)
        let takes = DispatchSemaphore(value: 0)
        let isStuck = Atomic(false)

        @Sendable func write(_ bytes: [UInt8], lost: Int64) throws {
            if isStuck.load(ordering: .acquiring) { takes.wait() }
            if isFull.withLock({ $0 }) { throw Full() }
            lines.withLock { $0.append(Line(text: String(decoding: bytes, as: UTF8.self), lost: lost)) }
        }

        var texts: [String] { lines.withLock { $0.map(\.text) } }
    }

    private let reader = Reader()

    private func writer(_ lines: Int = 1000, bytes: Int = 1 << 20) -> LineWriter {
        var limits = LineWriter.Limits()
        (limits.lines, limits.bytes) = (lines, bytes)
        return LineWriter(named: "test", limits: limits, write: reader.write)
    }

    @Test func `lines come in their order, from whatever threads`() throws {
        let writer = writer(100_000)
        DispatchQueue.concurrentPerform(iterations: 4) { number in
            for index in 0..<500 { writer.append(Array("\(number) \(index)".utf8)) }
        }
        #expect(writer.flush(within: .seconds(60)))
        for number in 0..<4 {
            #expect(reader.texts.filter { $0.hasPrefix("\(number) ") } == (0..<500).map { "\(number) \($0)" })
        }
        #expect(writer.lostLines == 0)
    }

    @Test func `who writes to a reader that takes nothing never waits, and what is lost is told in its place`() throws {
        let writer = writer(3)
        reader.isStuck.store(true, ordering: .releasing)
        for name in ["a", "b", "c"] { #expect(writer.append(Array(name.utf8))) }
        #expect(!writer.append(Array("d".utf8)), "the first that is lost")
        #expect(writer.append(Array("e".utf8)), "told already")
        #expect(writer.lostLines == 2)
        #expect(!writer.flush(within: .milliseconds(1)))
        reader.isStuck.store(false, ordering: .releasing)
        reader.takes.signal()
        #expect(writer.flush(within: .seconds(60)))
        #expect(eventually { reader.texts == ["a", "b", "c", ""] }, "the loss is told although nothing comes after it")
        #expect(reader.lines.withLock { $0.map(\.lost) } == [0, 0, 0, 2])
        writer.append(Array("f".utf8))
        #expect(writer.flush(within: .seconds(60)))
        #expect(reader.lines.withLock { $0.last } == .init(text: "f", lost: 0))
        #expect(writer.lostLines == 2)
    }

    @Test func `bytes are bounded as well`() {
        let writer = writer(bytes: 10)
        reader.isStuck.store(true, ordering: .releasing)
        #expect(writer.append([UInt8](repeating: 0x61, count: 8)))
        #expect(!writer.append([UInt8](repeating: 0x62, count: 3)))
        #expect(writer.append([UInt8](repeating: 0x63, count: 2)), "there is room for this one")
        reader.takes.signal()
        reader.takes.signal()
        #expect(writer.flush(within: .seconds(60)))
        #expect(reader.lines.withLock { $0 } == [.init(text: "aaaaaaaa", lost: 0), .init(text: "cc", lost: 1)])
    }

    @Test func `lines that cannot be written are counted, and told when one can`() {
        let writer = writer()
        reader.isFull.withLock { $0 = true }
        for name in ["a", "b"] { writer.append(Array(name.utf8)) }
        #expect(writer.flush(within: .seconds(60)))
        #expect(writer.lostLines == 2)
        reader.isFull.withLock { $0 = false }
        for name in ["c", "d"] { writer.append(Array(name.utf8)) }
        #expect(writer.flush(within: .seconds(60)))
        #expect(reader.lines.withLock { $0 } == [.init(text: "c", lost: 2), .init(text: "d", lost: 0)])
        #expect(writer.lostLines == 2)
    }
}
