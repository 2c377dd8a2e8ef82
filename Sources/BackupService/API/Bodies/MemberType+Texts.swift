// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

extension MemberType<String> {
    static var text: MemberType { text(atMost: 255) }

    /// - Parameter limit: in code points; nil where the server's bound on bodies suffices.
    static func text(atLeast least: Int = 0, atMost limit: Int?) -> MemberType {
        let bounds = [least > 0 ? ("minLength", least) : nil, limit.map { ("maxLength", $0) }].compactMap { $0 }
        let schema = Schema.text(like: #"^[^\u0000]*$"#).with(bounds.map { .init($0.0, JSONValue($0.1)) })
        return MemberType(schema: schema) { value, member in
            let text = try string(value, member, atMost: limit)
            guard text.unicodeScalars.count >= least else { throw APIError.badMember(member, reason: "is empty") }
            return text
        }
    }

    /// A name or description, without the blanks at its ends.
    static var trimmed: MemberType {
        MemberType(schema: text.schema) { value, member in
            try text.read(value, member).withoutOuterBlanks
        }
    }

    /// An absolute path. PATH_MAX counts the NUL at the end.
    static var path: MemberType {
        MemberType(
            schema: Schema.text(like: #"^/[^\u0000]*$"#).with([.init("maxLength", JSONValue(longestPath))])
        ) { value, member in
            let path = try string(value, member, atMost: longestPath)
            guard path.hasPrefix("/"), path.utf8.count <= longestPath else {
                throw APIError.badMember(member, reason: "must be an absolute path of at most \(longestPath) bytes")
            }
            return path
        }
    }

    /// Throws `StorageError` for a container that no store may have.
    static var container: MemberType {
        MemberType(schema: text(atLeast: 1, atMost: 255).schema) { value, member in
            let text = try text.read(value, member)
            _ = try ContainerPath(normalizing: text)
            return text
        }
    }

    private static let longestPath = 4095

    fileprivate static func string(_ value: JSONValue, _ member: String, atMost limit: Int?) throws(APIError) -> String
    {
        guard case .string(let text) = value else { throw .wrongType(member: member, expected: "a string") }
        if let limit, text.unicodeScalars.count > limit { throw .tooLong(member: member, limit: limit) }
        // Neither a path nor C can hold one.
        guard !text.utf8.contains(0) else { throw .badMember(member, reason: "holds a NUL") }
        return text
    }
}
