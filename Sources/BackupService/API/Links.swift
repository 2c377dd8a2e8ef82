// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// Where a client finds what an answer speaks of.
struct Links: Sendable {
    /// `http://127.0.0.1:8776`; empty where the client has not said how it reaches the daemon. What begins with it is
    /// then a path, which is a URI reference, too.
    let base: String
    private let path: String
    private let query: [QueryItem]

    /// What everything is at when nobody has asked.
    static let none = Links(base: "", path: "/", query: [])

    private init(base: String, path: String, query: [QueryItem]) {
        self.base = base
        self.path = path
        self.query = query
    }

    init(_ request: Request) {
        path = request.path
        query = request.query
        switch (request.peer, request.authority) {
        // The authority that clients make up for a socket leads nowhere.
        case (.unix, _), (.tcp, nil), (.tcp, ""): base = ""
        case (.tcp, let authority?): base = "http://\(authority)"
        }
    }

    /// Cinder's two links of a backup or volume.
    func links(to id: ResourceID, in collection: String) -> JSONValue {
        [
            ["rel": "self", "href": .string("\(base)/v3/\(collection)/\(id)")],
            ["rel": "bookmark", "href": .string("\(base)/\(collection)/\(id)")],
        ]
    }

    /// The page that follows the one with this last id: the same query, from there on.
    func next(after last: ResourceID) -> JSONValue {
        let kept = query.filter { $0.name != "marker" && $0.name != "offset" }
        let items = kept + [QueryItem(name: "marker", value: last.text)]
        let text = items.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
        return [["rel": "next", "href": .string("\(base)\(path)?\(text)")]]
    }
}

/// `text` as part of a query (RFC 3986 §2.3).
private func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default: bytes += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
