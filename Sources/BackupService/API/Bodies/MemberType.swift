// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a member of a body may be: how it is read, and how the description of the API puts it.
///
/// null is never read: it is the same as leaving the member out.
struct MemberType<Value: Sendable>: Sendable {
    let schema: Schema
    /// Throws an `APIError` that names the member.
    let read: @Sendable (_ value: JSONValue, _ member: String) throws -> Value
}

extension MemberType {
    static func object(_ form: ObjectForm<Value>) -> MemberType {
        MemberType(schema: form.schema) { try form.read($0, path: $1) }
    }

    /// A word, in any case.
    static func word(_ expected: String) -> MemberType where Value: RawRepresentable<String> & CaseIterable {
        word(of: Value.allCases.map { $0 }, expected)
    }

    /// One of these words, in any case.
    static func word(of values: [Value], _ expected: String) -> MemberType where Value: RawRepresentable<String> {
        MemberType(schema: .anyCase(of: values.map(\.rawValue))) { value, member in
            let text = try MemberType<String>.text.read(value, member)
            guard let word = values.first(where: { $0.rawValue == text.lowercased() }) else {
                throw APIError.badMember(member, reason: "must be \(expected)")
            }
            return word
        }
    }
}

extension MemberType<Void> {
    /// What clients send and the daemon has not: harmless as long as it says nothing.
    static var nothing: MemberType {
        MemberType(
            schema: Schema(["enum": [false, "", [], [:]]])
        ) { value, member in
            switch value {
            case .null, .bool(false), .string(""), .array([]), .object([]): return
            default: throw APIError.unsupportedMember(member)
            }
        }
    }
}
