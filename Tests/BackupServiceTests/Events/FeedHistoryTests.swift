// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

@testable import BackupService

struct FeedHistoryTests {
    private let backup = ResourceID.random()

    private func event(_ number: Int64, _ kind: FeedEvent.Kind = .status) -> FeedEvent {
        FeedEvent(kind, of: backup, nil, id: EventID(epoch: "e", number: number))
    }

    private func numbers(_ history: FeedHistory, after number: Int64) -> [Int64]? {
        history.events(after: number) { _ in true }?.map(\.number)
    }

    @Test func `gives what came after, in order`() {
        var history = FeedHistory(limit: 8)
        #expect(numbers(history, after: 0) == [])
        for number in 1...5 { history.append(event(Int64(number))) }
        #expect(numbers(history, after: 0) == [1, 2, 3, 4, 5])
        #expect(numbers(history, after: 3) == [4, 5])
        #expect(numbers(history, after: 5) == [])
        #expect(history.events(after: 0) { $0.number == 2 }?.map(\.number) == [2])
    }

    @Test func `forgets the oldest, and says so`() {
        var history = FeedHistory(limit: 8)
        for number in 1...1000 { history.append(event(Int64(number))) }
        #expect(numbers(history, after: 0) == nil)
        let oldest = try? #require((1...1000).first { numbers(history, after: Int64($0)) != nil })
        #expect((992...996).contains(oldest ?? 0))
        #expect(numbers(history, after: 999) == [1000])
    }

    @Test func `of progress, only the last is kept, and none after the end`() {
        var history = FeedHistory(limit: 8)
        history.append(event(1))
        for number in 2...1000 { history.append(event(Int64(number), .progress)) }
        #expect(numbers(history, after: 0) == [1, 1000])
        history.append(event(1001))
        #expect(numbers(history, after: 0) == [1, 1000, 1001])
        history.append(event(1002, .end))
        #expect(numbers(history, after: 0) == [1, 1001, 1002])
    }
}
