// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Foundation
import HTTPServer
import HTTPTypes

extension EventFeed {
    /// How the watching of one backup begins.
    enum Start {
        case stream(StreamedReply)
        /// No job, and the client has heard of everything.
        case nothingNew
        /// No job: what is to be told is in the catalog, and is so since the event of this id at the latest.
        case idle(EventID)
    }

    /// The waiting jobs that a stream of all backups begins with, beside the running ones.
    private static let openingLimit = 256

    /// A stream of what happens to a backup from now on, or after the event `last`, until a job of it ends.
    func watch(_ id: ResourceID, after last: EventID?, headers: HTTPFields) -> Start {
        admit { state, remove in
            let backup = state.busy[id]
            var opening = [ServerSentEvents.retry]
            if let news = state.events(after: last, epoch, where: { $0.subject == id && $0.kind != .volume }) {
                let told = news.prefix { $0.kind != .end }
                opening += told.map(\.bytes)
                if told.count < news.count {
                    return (nil, .stream(Self.complete(headers, opening + [news[told.count].bytes])))
                }
                if backup == nil, news.isEmpty { return (nil, .nothingNew) }
            } else if let backup {
                opening.append(status(of: backup, id: here(state)))
            }
            guard backup != nil else { return (nil, .idle(here(state))) }
            let (watcher, stream) = Self.stream(headers, opening, of: id, from: state.lastNumber, remove)
            return (watcher, .stream(stream))
        }
    }

    /// A stream of everything from now on, or after the event `last`; it does not end.
    func watchAll(after last: EventID?, headers: HTTPFields) -> StreamedReply {
        admit { state, remove in
            var opening = [ServerSentEvents.retry]
            if let news = state.events(after: last, epoch, where: { _ in true }) {
                opening += news.map(\.bytes)
            } else {
                let busy = state.busy.values.sorted { $0.jobNumber < $1.jobNumber }.prefix(Self.openingLimit)
                opening += busy.map { status(of: $0, id: nil) }
                // Last, so that a client that has not got all of it does not take it for known.
                opening.append(ServerSentEvents.bare(here(state)))
            }
            return Self.stream(headers, opening, of: nil, from: state.lastNumber, remove)
        }
    }

    /// A reply that is woken when the status of a backup or volume changes. A change before this is not noticed.
    func wait(for id: ResourceID, within timeout: Duration, answer: @escaping @Sendable () -> Response) -> LaterReply {
        admit { state, remove in
            let reply = LaterReply(within: timeout, whenOver: remove, answer: answer)
            return (Watcher(subject: id, means: .reply(reply), known: state.lastNumber), reply)
        }
    }

    /// The stream for a backup that has no job: what it is, and that this is all.
    func ended(_ backup: BackupRecord, id: EventID, headers: HTTPFields) -> StreamedReply {
        let report = board.report(on: backup)
        let end = ServerSentEvents.event("end", FeedData.end(backup, report, nil), id: id)
        return Self.complete(headers, [ServerSentEvents.retry, status(of: backup, id: nil), end])
    }

    /// A stream to which nothing is added.
    private static func complete(_ headers: HTTPFields, _ pieces: [[UInt8]]) -> StreamedReply {
        let stream = StreamedReply(headers: headers, opening: pieces)
        stream.finish()
        return stream
    }

    private static func stream(
        _ headers: HTTPFields, _ opening: [[UInt8]], of subject: ResourceID?, from known: Int64,
        _ remove: @escaping @Sendable () -> Void
    ) -> (Watcher?, StreamedReply) {
        let stream = StreamedReply(headers: headers, opening: opening, whenOver: remove)
        return (Watcher(subject: subject, means: .stream(stream), known: known), stream)
    }

    private func status(of backup: BackupRecord, id: EventID?) -> [UInt8] {
        ServerSentEvents.event("status", FeedData.status(backup, board.report(on: backup)), id: id)
    }

    private func here(_ state: borrowing State) -> EventID { EventID(epoch: epoch, number: state.lastNumber) }
}

extension EventFeed.State {
    /// nil where the id is of another run, or none that was given out, or too much has happened since.
    fileprivate func events(
        after last: EventID?, _ epoch: String, where isWanted: (FeedEvent) -> Bool
    ) -> [FeedEvent]? {
        guard let last, last.epoch == epoch, last.number <= lastNumber else { return nil }
        return history.events(after: last.number, where: isWanted)
    }
}
