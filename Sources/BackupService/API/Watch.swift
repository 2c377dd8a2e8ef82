// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer
import HTTPTypes

/// A request whose answer lasts: it waits for a change of status, or is a stream of events.
enum Watch: Sendable, Equatable {
    case backupEvents(ResourceID, after: EventID?)
    case allEvents(after: EventID?)
    case backupChange(ResourceID, within: Duration)
    case volumeChange(ResourceID, within: Duration)

    private static let mostSeconds = 300

    /// nil for a request that is answered at once.
    init?(_ request: Request, at route: Route) throws(APIError) {
        guard request.method == .get || request.method == .head else { return nil }
        switch route {
        case .events: self = .allEvents(after: Self.lastID(request))
        case .backupEvents(let id): self = .backupEvents(id, after: Self.lastID(request))
        case .backup(let id):
            guard let timeout = try Self.timeout(request) else { return nil }
            self = .backupChange(id, within: timeout)
        case .volume(let id):
            guard let timeout = try Self.timeout(request) else { return nil }
            self = .volumeChange(id, within: timeout)
        default: return nil
        }
    }

    /// Whatever it is that a client believes to have seen last.
    private static func lastID(_ request: Request) -> EventID? {
        request.headers.value(of: "Last-Event-ID").flatMap { EventID($0) }
    }

    /// nil where there is nothing to wait for.
    private static func timeout(_ request: Request) throws(APIError) -> Duration? {
        var query = ListQuery(request.query)
        guard let text = try query.text("wait") else { return nil }
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int(text), seconds <= mostSeconds
        else { throw .badParameter("wait", reason: "must be a whole number of seconds from 0 to \(mostSeconds)") }
        return seconds == 0 ? nil : .seconds(seconds)
    }
}
