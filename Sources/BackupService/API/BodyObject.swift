// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// An object in a request's body. Each member is taken once, by its name and type; what is left at the end is unknown.
struct BodyObject {
    private let path: String
    private var members: [JSONValue.Member]

    /// - Parameter path: what the object is called in messages, e.g. `volume.ref`; empty for the whole body.
    init(_ value: JSONValue, path: String) throws(APIError) {
        guard case .object(let members) = value else {
            throw .wrongType(member: path.isEmpty ? "body" : path, expected: "an object")
        }
        self.path = path
        self.members = members
        var seen: Set<String> = []
        for member in members where !seen.insert(member.key).inserted { throw .repeatedMember(full(member.key)) }
    }

    var keys: [String] { members.map(\.key) }

    /// Throws when there are members that nobody has taken.
    func finish() throws(APIError) {
        if let member = members.first { throw .unknownMember(full(member.key)) }
    }

    /// nil when the member is left out; `.null` is a value.
    mutating func take(_ key: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    /// nil when the member is null or left out.
    private mutating func value(_ key: String) -> JSONValue? {
        let value = take(key)
        return value == .null ? nil : value
    }

    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// One type of member each.
extension BodyObject {
    mutating func object(_ key: String) throws(APIError) -> BodyObject? {
        guard let value = value(key) else { return nil }
        return try BodyObject(value, path: full(key))
    }

    mutating func string(_ key: String, limit: Int = 255) throws(APIError) -> String? {
        guard let value = value(key) else { return nil }
        return try Self.string(value, full(key), limit: limit)
    }

    /// A name or description, without the blanks at its ends.
    mutating func trimmed(_ key: String) throws(APIError) -> String? {
        try string(key)?.withoutOuterBlanks
    }

    mutating func id(_ key: String) throws(APIError) -> ResourceID? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value, let id = ResourceID(text) else {
            throw .wrongType(member: full(key), expected: "a UUID")
        }
        return id
    }

    /// A boolean, or one of the spellings that Cinder takes for one; false when null or left out.
    mutating func flag(_ key: String) throws(APIError) -> Bool {
        switch value(key) {
        case nil: return false
        case .bool(let flag): return flag
        case .integer(0): return false
        case .integer(1): return true
        case .string(let text):
            if let flag = Bool(spelled: text) { return flag }
            throw .wrongType(member: full(key), expected: "a boolean")
        default: throw .wrongType(member: full(key), expected: "a boolean")
        }
    }

    /// A whole number, or its digits in a string.
    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        let number: Int?
        switch value(key) {
        case nil: return nil
        case .integer(let integer): number = Int(exactly: integer)
        case .string(let text) where !text.isEmpty && text.utf8.allSatisfy({ (0x30...0x39).contains($0) }):
            number = Int(text)
        default: throw .wrongType(member: full(key), expected: "a whole number")
        }
        guard let number, range.contains(number) else {
            throw .badMember(full(key), reason: "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Metadata: strings of at most 255 characters under keys of 1 to 255.
    mutating func metadata(_ key: String) throws(APIError) -> [String: String]? {
        guard let object = try object(key) else { return nil }
        var metadata: [String: String] = [:]
        for member in object.members {
            let name = object.full(member.key)
            guard !member.key.isEmpty else { throw .badMember(full(key), reason: "has an empty key") }
            _ = try Self.string(.string(member.key), name, limit: 255)
            metadata[member.key] = try Self.string(member.value, name, limit: 255)
        }
        return metadata
    }

    /// What clients send and the daemon has not: harmless as long as it says nothing.
    mutating func mustBeEmpty(_ keys: [String]) throws(APIError) {
        for key in keys {
            switch take(key) {
            case nil, .null, .bool(false), .string(""), .array([]), .object([]): continue
            default: throw .unsupportedMember(full(key))
            }
        }
    }

    private static func string(_ value: JSONValue, _ member: String, limit: Int) throws(APIError) -> String {
        guard case .string(let text) = value else { throw .wrongType(member: member, expected: "a string") }
        guard text.unicodeScalars.count <= limit else { throw .tooLong(member: member, limit: limit) }
        // Neither a path nor C can hold one.
        guard !text.utf8.contains(0) else { throw .badMember(member, reason: "holds a NUL") }
        return text
    }
}

extension Bool {
    /// The spellings of Cinder's schema (oslo.utils' strings, any case).
    init?(spelled text: String) {
        switch text.lowercased() {
        case "1", "t", "true", "on", "y", "yes": self = true
        case "0", "f", "false", "off", "n", "no": self = false
        default: return nil
        }
    }
}
