// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

extension Operation {
    /// Streams of events. Requests that wait are those that show, with a parameter.
    static let watching: [Operation] = [
        Operation(
            "watchAll", .get, .read, "/events", "Watch all backups and volumes", reads: .lastEventID,
            answers: .text(200, ServerSentEvents.mediaType, "Events, without end"),
            call: { .watch(.allEvents(after: $0)) }),
        Operation(
            "watchBackup", .get, .read, of: .backup, at: "/events", "Watch a backup until its job ends",
            reads: .lastEventID,
            answers: .text(200, ServerSentEvents.mediaType, "Events, of which the last is `end`"),
            .empty(204, "Nothing has happened since the `end` that the client knows"),
            call: { .watch(.backupEvents($0, after: $1)) }),
    ]
}

extension RequestForm<EventID?> {
    /// Whatever it is that a client believes to have seen last: what is no id of an event is none of ours.
    static var lastEventID: RequestForm {
        let name = "Last-Event-ID"
        let details = "The id of the last event that was seen: those after it are told first, if they are still known"
        return RequestForm(parameters: [Parameter(name: name, place: .header, schema: .string, details: details)]) {
            request, _ in request.headers.value(of: name).flatMap { EventID($0) }
        }
    }
}

extension RequestForm<Duration?> {
    /// nil where there is nothing to wait for.
    static var wait: RequestForm {
        .query(
            [
                QueryField(
                    "wait", .integer(in: 0...mostSeconds), "Seconds in which the status may change before it is told"
                ) { query, timeout in timeout = try query.wait() }
            ], into: nil)
    }
}

private let mostSeconds = 300

extension ListQuery {
    fileprivate mutating func wait() throws(APIError) -> Duration? {
        guard let text = try text("wait") else { return nil }
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int(text), seconds <= mostSeconds
        else { throw .badParameter("wait", reason: "must be a whole number of seconds from 0 to \(mostSeconds)") }
        return seconds == 0 ? nil : .seconds(seconds)
    }
}
