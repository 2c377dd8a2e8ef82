// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

struct SpoolTests {
    @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 100_000])
    func `gives back what was appended, in memory or on disk`(_ count: Int) throws {
        let scratch = try TemporaryDirectory()
        let spool = Spool<UInt64>(in: scratch.path, bufferBytes: 64)
        try spool.append(contentsOf: (0..<count).map { UInt64($0) &* 0x9e37_79b9 })
        #expect(spool.count == count)
        #expect(spool.isEmpty == (count == 0))
        #expect(try spool.read(0..<count) == (0..<count).map { UInt64($0) &* 0x9e37_79b9 })
        for bound in [0, 1, 7, 8, 9, count / 2, count] where bound <= count {
            #expect(try spool.read(bound..<count) == (bound..<count).map { UInt64($0) &* 0x9e37_79b9 })
            #expect(try spool.read(bound..<bound).isEmpty)
            var cursor = SpoolCursor(spool, bound..<count)
            var seen = bound
            while let element = try cursor.next() {
                #expect(element == UInt64(seen) &* 0x9e37_79b9)
                seen += 1
            }
            #expect(seen == count)
            #expect(try cursor.next() == nil)
        }
    }

    @Test func `leaves no name in its directory`() throws {
        let scratch = try TemporaryDirectory()
        let spool = Spool<UInt64>(in: scratch.path, bufferBytes: 8)
        try spool.append(contentsOf: 0..<1000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test func `an empty list asks for no file`() throws {
        let spool = Spool<UInt64>(in: "/does/not/exist", bufferBytes: 64)
        try spool.append(1)
        #expect(try spool.read(0..<1) == [1])
    }

    @Test func `a directory that is not there is an error once the list grows`() throws {
        let spool = Spool<UInt64>(in: "/does/not/exist", bufferBytes: 64)
        #expect(throws: (any Error).self) { try spool.append(contentsOf: 0..<100) }
    }

    @Test func `many threads read at once`() throws {
        let scratch = try TemporaryDirectory()
        let spool = Spool<UInt64>(in: scratch.path, bufferBytes: 4096)
        try spool.append(contentsOf: 0..<10_001)
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            for start in stride(from: thread, to: 9000, by: 97) {
                let range = start..<start + 1001
                if (try? spool.read(range)) != range.map({ UInt64($0) }) { wrong.withLock { $0 += 1 } }
            }
        }
        #expect(wrong.withLock { $0 } == 0)
    }
}
