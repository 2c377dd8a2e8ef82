// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// An object in a request's body. Each member is taken once, by its name; what is left at the end is unknown.
struct BodyObject {
    private let path: String
    private(set) var members: [JSONValue.Member]

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
    mutating func take<Value>(_ key: String, _ type: MemberType<Value>) throws -> Value? {
        guard let value = take(key), value != .null else { return nil }
        return try type.read(value, full(key))
    }

    /// What clients send and the daemon has not: harmless as long as it says nothing.
    mutating func mustBeEmpty(_ key: String) throws { _ = try take(key, .nothing) }

    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
