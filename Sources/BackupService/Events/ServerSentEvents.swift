// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// The text of an event stream (WHATWG HTML, 9.2.6 "Interpreting an event stream").
enum ServerSentEvents {
    static let mediaType = "text/event-stream"
    /// Milliseconds for a client to wait before it connects again.
    static let retry = Array("retry: 3000\n\n".utf8)
    /// Shows clients, and proxies between, that the connection lives. A line that begins with a colon says nothing.
    static let comment = Array(": \n\n".utf8)

    /// An event whose data are one line of JSON; without an id, the client keeps the id it has.
    static func event(_ name: String, _ data: JSONValue, id: EventID?) -> [UInt8] {
        // JSON escapes line ends, so this is one line.
        let id = id.map { "id: \($0)\n" } ?? ""
        return Array("event: \(name)\n\(id)data: ".utf8) + data.utf8 + Array("\n\n".utf8)
    }

    /// No event: only the id from which to go on.
    static func bare(_ id: EventID) -> [UInt8] { Array("id: \(id)\n\n".utf8) }
}
