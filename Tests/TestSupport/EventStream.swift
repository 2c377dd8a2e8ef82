// SPDX-License-Identifier: Apache-2.0

/// Reads server-sent events off a connection (WHATWG HTML, 9.2.6), as a client does.
package final class EventStream {
    package struct Event: Equatable, CustomStringConvertible {
        package var name = "message"
        /// That of this event, or of an earlier one.
        package var id: String?
        package var data = ""

        package var description: String { "\(name) \(id ?? "-") \(data)" }
    }

    package let head: RawHTTPResponse
    package private(set) var lastID: String?
    package private(set) var retry: Int?
    private let client: RawHTTPClient
    private var text: [UInt8] = []
    private var hasEnded = false
    private static let patience = Duration.seconds(60)
    private var deadline = ContinuousClock.now

    /// Sends the request, with the id of the last event that was seen, and reads the head of the answer.
    package init(_ client: RawHTTPClient, _ path: String, after lastID: String? = nil, headers: String = "") throws {
        self.client = client
        let last = lastID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        try client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\(headers)\(last)\r\n")
        head = try client.receiveHead()
    }

    /// The next event; nil at the end of the stream. Throws when the connection ends before that, and when it takes too
    /// long: comments do not count.
    package func next() throws -> Event? {
        deadline = .now + Self.patience
        var event = Event()
        var hasData = false
        while let line = try nextLine() {
            let name = line.prefix { $0 != ":" }
            let value = line.dropFirst(name.count + 1).drop { $0 == " " }
            switch name {
            case "" where line.isEmpty:
                event.id = lastID
                if hasData { return event }
                event = Event()
            case "": break
            case "event": event.name = String(value)
            case "id": lastID = String(value)
            case "retry": retry = Int(value)
            case "data":
                event.data += hasData ? "\n" + value : String(value)
                hasData = true
            default: throw RawHTTPError.malformed(line)
            }
        }
        return nil
    }

    /// Events up to the first of this name, or to the end.
    package func events(through name: String) throws -> [Event] {
        var events: [Event] = []
        while let event = try next() {
            events.append(event)
            if event.name == name { break }
        }
        return events
    }

    /// Waits for the end of the body and of the connection; true if no event comes before.
    package func endsNow() throws -> Bool { try next() == nil && client.receivesEnd() }

    /// Waits for a comment, whatever comes before it.
    package func waitForComment() throws {
        deadline = .now + Self.patience
        while let line = try nextLine() {
            if line.hasPrefix(":") { return }
        }
        throw RawHTTPError.closed(after: 0)
    }

    private func nextLine() throws -> String? {
        while true {
            if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                defer { text.removeFirst(end + 1) }
                return String(decoding: text[..<end], as: UTF8.self)
            }
            guard ContinuousClock.now < deadline else { throw RawHTTPError.timedOut }
            guard !hasEnded, let chunk = try client.receiveChunk() else {
                hasEnded = true
                return nil
            }
            text += chunk
        }
    }
}
