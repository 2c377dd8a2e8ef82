// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import BackupService

struct PatienceTests {
    private struct Refused: Error, Equatable {}

    /// A question that is answered when told to.
    private final class Disk: Sendable {
        private let answers = DispatchSemaphore(value: 0)
        private let asked = Atomic(0)

        var count: Int { asked.load(ordering: .relaxed) }

        @Sendable func ask() -> Int {
            let number = asked.add(1, ordering: .relaxed).newValue
            answers.wait()
            return number
        }

        func answer(_ count: Int = 1) { for _ in 0..<count { answers.signal() } }
    }

    private static let short = Duration.milliseconds(1)
    private static let long = Duration.seconds(60)

    @Test func `answers and errors are passed on`() throws {
        let patience = Patience()
        #expect(try patience.share("a", within: Self.long) { 1 } == 1)
        #expect(try patience.insist("a", within: Self.long) { "x" } == "x")
        #expect(throws: Refused()) { try patience.share("a", within: Self.long) { throw Refused() } }
        #expect(throws: Refused()) { try patience.insist("a", within: Self.long) { throw Refused() } }
        #expect(try patience.share("a", within: Self.long) { 2 } == 2)
    }

    @Test func `what hangs is asked once, keeps nobody waiting any more, and does not touch other subjects`() throws {
        let (patience, disk) = (Patience(), Disk())
        #expect(throws: NoAnswer(subject: "a")) { try patience.share("a", within: Self.short, disk.ask) }
        // Would take hours if somebody waited.
        for _ in 0..<1000 {
            #expect(throws: NoAnswer(subject: "a")) { try patience.share("a", within: .seconds(3600), disk.ask) }
            #expect(throws: NoAnswer(subject: "a")) { try patience.insist("a", within: .seconds(3600), disk.ask) }
        }
        #expect(patience.hanging == 1)
        #expect(try patience.share("b", within: Self.long) { 7 } == 7)
        disk.answer()
        #expect(eventually { patience.hanging == 0 })
        #expect(disk.count == 1)
        disk.answer()
        #expect(try patience.share("a", within: Self.long, disk.ask) == 2, "the next question is asked anew")
    }

    @Test func `who shows shares an answer, who decides gets one that begins after it asked`() throws {
        let (patience, disk) = (Patience(), Disk())
        let answers = Mutex<[Int]>([])
        let all = DispatchGroup()
        for count in 1...3 {
            DispatchQueue(label: "shows").async(group: all) {
                let answer = try? patience.share("a", within: Self.long, disk.ask)
                answers.withLock { $0.append(answer ?? 0) }
            }
            #expect(eventually { patience.waiting == count })
        }
        let decided = Mutex(0)
        DispatchQueue(label: "decides").async(group: all) {
            let answer = try? patience.insist("a", within: Self.long, disk.ask)
            decided.withLock { $0 = answer ?? 0 }
        }
        #expect(eventually { patience.waiting == 4 })
        #expect(disk.count == 1)
        disk.answer(2)
        all.wait()
        #expect(answers.withLock { $0 } == [1, 1, 1])
        #expect(decided.withLock { $0 } == 2)
    }

    @Test func `what was done too late is undone, and before the next question about it`() throws {
        let (patience, disk) = (Patience(), Disk())
        let undone = Mutex<[Int]>([])
        #expect(throws: NoAnswer(subject: "a")) {
            try patience.insist(
                "a", within: Self.short, undo: { number in undone.withLock { $0.append(number) } }, disk.ask)
        }
        #expect(undone.withLock { $0 }.isEmpty)
        disk.answer()
        let isOver = eventually {
            (try? patience.insist("a", within: Self.long) { undone.withLock { $0 } }) == [1]
        }
        #expect(isOver)
        _ = try patience.insist("a", within: Self.long, undo: { _ in Issue.record("it was in time") }) { 0 }
    }

    @Test func `the threads that hang are bounded, and some are kept for those who insist`() throws {
        var limits = Patience.Limits()
        (limits.questions, limits.reserve) = (5, 2)
        let (patience, disk) = (Patience(limits), Disk())
        for number in 0..<100 {
            #expect(throws: NoAnswer.self) { try patience.share("shown \(number)", within: Self.short, disk.ask) }
        }
        #expect(patience.hanging == 3)
        #expect(throws: NoAnswer.self) { try patience.share("fine", within: Self.long) { 1 } }
        #expect(try patience.insist("fine", within: Self.long) { 1 } == 1)
        for number in 0..<100 {
            #expect(throws: NoAnswer.self) { try patience.insist("decided \(number)", within: Self.short, disk.ask) }
        }
        #expect(patience.hanging == 5)
        #expect(throws: NoAnswer.self) { try patience.insist("fine", within: Self.long) { 1 } }
        disk.answer(5)
        #expect(eventually { patience.hanging == 0 })
        #expect(try patience.share("fine", within: Self.long) { 1 } == 1)
    }

    @Test func `those who wait are bounded, and a quick answer needs no waiting`() throws {
        var limits = Patience.Limits()
        limits.waiting = 0
        limits.moment = .seconds(30)
        #expect(try Patience(limits).share("quick", within: Self.long) { 1 } == 1)
        limits.moment = Self.short
        let (patience, disk) = (Patience(limits), Disk())
        // Would take an hour.
        #expect(throws: NoAnswer(subject: "a")) { try patience.share("a", within: .seconds(3600), disk.ask) }
        #expect(patience.hanging == 0, "nobody has waited in vain yet")
        disk.answer()
    }

    @Test(arguments: 0..<50)
    func `at the deadline an answer is taken or undone, and never both or neither`(_ round: Int) throws {
        let patience = Patience()
        let undone = Atomic(0)
        let isTaken =
            (try? patience.insist(
                "a", within: .microseconds(round * 10), undo: { _ in undone.add(1, ordering: .relaxed) }
            ) { 1 }) != nil
        #expect(eventually { (try? patience.insist("a", within: Self.long) { true }) == true })
        // Where no thread began before the deadline, it is undone after it began.
        #expect((undone.load(ordering: .relaxed) == 1) != isTaken)
    }
}
