// SPDX-License-Identifier: Apache-2.0

/// A response as it came over the wire.
package struct RawHTTPResponse {
    package let status: Int
    package let reason: String
    package let headers: [(name: String, value: String)]
    package var body: [UInt8] = []

    init(head: String) throws {
        // "\r\n" is one Character.
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw RawHTTPError.malformed(head)
        }
        self.status = status
        self.reason = words.count > 2 ? String(words[2]) : ""
        self.headers = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return (String(name), String(line.dropFirst(name.count + 1).drop { $0 == " " }))
        }
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header of that name, whatever its case.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var hasBody: Bool { status >= 200 && status != 204 && status != 304 }
}
