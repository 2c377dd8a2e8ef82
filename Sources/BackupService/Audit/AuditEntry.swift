// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel
import HTTPServer
import HTTPTypes

/// Told of every request that changes something or is refused. It must not block.
package typealias AuditTrail = @Sendable (AuditEntry) -> Void

/// Who wanted what, and what was answered: a line of the audit log.
package struct AuditEntry: Sendable {
    let requestID: String
    let principal: Principal
    /// Where it came from over TCP; nil from a unix socket.
    let address: String?
    let request: String
    /// nil where there is none at this path, or not by this method.
    let operation: String?
    let subject: AuditSubject
    let status: Int
    /// The word for programs in an error.
    let reason: String?

    init(_ request: Request, _ principal: Principal, route: Route?, call: APICall?, answer: Answer) {
        let subject = (call?.subject ?? AuditSubject()).merging(AuditSubject(answer))
        self.init(request, principal, route, subject, answer.status, nil)
    }

    init(_ request: Request, _ principal: Principal, route: Route?, call: APICall?, fault: Fault) {
        self.init(request, principal, route, call?.subject ?? AuditSubject(), fault.status, fault.reason)
    }

    private init(
        _ request: Request, _ principal: Principal, _ route: Route?, _ subject: AuditSubject, _ status: Int,
        _ reason: String?
    ) {
        let destination = try? route?.destination(of: request.method)
        requestID = request.id
        self.principal = principal
        address = if case .tcp(let address) = request.peer { address } else { nil }
        self.request = "\(request.method.rawValue) \(request.path)"
        operation = destination?.operation.id
        self.subject = AuditSubject(destination?.resource).merging(subject)
        self.status = status
        self.reason = reason
    }

    func json(at time: Timestamp) -> JSONValue {
        [
            "time": .string(time.iso8601), "request_id": .string(requestID), "principal": principal.json,
            "address": JSONValue(address), "operation": JSONValue(operation), "action": JSONValue(subject.action),
            "volume_id": JSONValue(subject.volume), "backup_id": JSONValue(subject.backup),
            "result": JSONValue(status), "reason": JSONValue(reason),
            "request": .string(String(request.unicodeScalars.prefix(300).map(Character.init))),
        ]
    }
}
