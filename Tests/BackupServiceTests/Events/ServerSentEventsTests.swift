// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

@testable import BackupService

struct ServerSentEventsTests {
    @Test func `an event is three lines, whatever its data hold`() {
        let bytes = ServerSentEvents.event(
            "status", ["name": "a\r\n\u{2028}data: b"], id: EventID(epoch: "e", number: 3))
        let lines = String(decoding: bytes, as: UTF8.self).unicodeScalars.split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        #expect(lines.count == 5 && lines[0] == "event: status" && lines[1] == "id: e-3")
        #expect(lines[2].hasPrefix("data: {\"name\": ") && lines[3].isEmpty && lines[4].isEmpty)
        #expect(!bytes.contains(UInt8(ascii: "\r")))
    }

    @Test func `an event without an id has none`() {
        let bytes = ServerSentEvents.event("end", nil, id: nil)
        #expect(String(decoding: bytes, as: UTF8.self) == "event: end\ndata: null\n\n")
    }
}
