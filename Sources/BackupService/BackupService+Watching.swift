// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes

extension BackupService {
    /// What answers a request that watches; `answer` makes the answer of the same request without waiting.
    /// Throws `CatalogError`, `backupNotFound` among them.
    func watch(
        _ watch: Watch, headers: HTTPFields, answer: @escaping @Sendable () -> Response
    ) throws -> Reply {
        switch watch {
        case .allEvents(let last):
            return .stream(feed.watchAll(after: last, headers: headers))
        case .backupEvents(let id, let last): return try events(of: id, after: last, headers)
        case .backupChange(let id, let timeout):
            let status = try catalog.backup(id).status
            return wait(for: id, within: timeout, answer) { try catalog.status(ofBackup: id) != status }
        case .volumeChange(let id, let timeout):
            let status = try catalog.volume(id).status
            return wait(for: id, within: timeout, answer) { try catalog.volume(id).status != status }
        }
    }

    private func events(of id: ResourceID, after last: EventID?, _ headers: HTTPFields) throws -> Reply {
        while true {
            let start = feed.watch(id, after: last, headers: headers)
            if case .stream(let stream) = start { return .stream(stream) }
            // One that comes back may have missed the end of what is deleted.
            let backup = try catalog.backup(id, includingDeleted: last != nil)
            switch start {
            case .idle where backup.status.hasJob: continue  // since a moment ago
            case .idle(let here): return .stream(feed.ended(backup, id: here, headers: headers))
            case .stream, .nothingNew:
                // WHATWG HTML, 9.2: this makes an EventSource stop connecting.
                var headers = headers
                headers[.contentType] = nil
                return .response(Response(status: .noContent, headers: headers))
            }
        }
    }

    private func wait(
        for id: ResourceID, within timeout: Duration, _ answer: @escaping @Sendable () -> Response,
        unless hasChanged: () throws -> Bool
    ) -> Reply {
        let reply = feed.wait(for: id, within: timeout, answer: answer)
        // From here on a change wakes it. One that came between the first look and this does not; an error is for the
        // answer to tell.
        if (try? hasChanged()) != false { reply.wake() }
        return .later(reply)
    }
}
