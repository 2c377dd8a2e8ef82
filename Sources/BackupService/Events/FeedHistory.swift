// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The last events, for clients that come back. Bounded: the older ones are forgotten, and of progress all but the last
/// of each job.
struct FeedHistory {
    private let limit: Int
    private var events: [FeedEvent] = []
    private var progress: [ResourceID: FeedEvent] = [:]
    /// The number of the last event that was forgotten.
    private var forgotten: Int64 = 0

    init(limit: Int) { self.limit = limit }

    mutating func append(_ event: FeedEvent) {
        switch event.kind {
        case .progress: progress[event.subject] = event
        case .end:
            progress[event.subject] = nil
            keep(event)
        case .status, .volume: keep(event)
        }
    }

    /// Forgets a quarter at once, so that it is not work each time.
    private mutating func keep(_ event: FeedEvent) {
        events.append(event)
        guard events.count > limit else { return }
        let count = max(1, limit / 4)
        forgotten = events[count - 1].number
        events.removeFirst(count)
    }

    /// What has happened after the event of this number, in order; nil when some of that is forgotten.
    func events(after number: Int64, where isWanted: (FeedEvent) -> Bool) -> [FeedEvent]? {
        guard number >= forgotten else { return nil }
        let start = events.lastIndex { $0.number <= number }.map { $0 + 1 } ?? 0
        let news = events[start...].filter(isWanted)
        let reports = progress.values.filter { $0.number > number && isWanted($0) }
        return reports.isEmpty ? news : (news + reports).sorted { $0.number < $1.number }
    }
}
