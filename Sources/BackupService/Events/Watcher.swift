// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// Somebody who is told of events.
struct Watcher: Sendable {
    enum Fate { case goesOn, over }

    enum Means: Sendable {
        case stream(StreamedReply)
        /// Answered by the first event that is another status than this.
        case reply(LaterReply)
    }

    /// The backup or volume that is watched; nil for all.
    let subject: ResourceID?
    let means: Means
    /// The event up to which everything is known already.
    let known: Int64

    func wants(_ event: FeedEvent) -> Bool {
        event.number > known && (subject == nil || subject == event.subject)
    }

    func tell(_ event: FeedEvent) -> Fate {
        switch means {
        case .stream(let stream):
            // A client that is behind does without the percentages in between.
            event.kind == .progress ? stream.offer(event.bytes) : stream.send(event.bytes)
            guard event.kind == .end, subject != nil else { return .goesOn }
            stream.finish()
            return .over
        case .reply(let reply):
            guard event.kind == .status || event.kind == .volume else { return .goesOn }
            reply.wake()
            return .over
        }
    }

    func comment() {
        if case .stream(let stream) = means { stream.offer(ServerSentEvents.comment) }
    }
}
