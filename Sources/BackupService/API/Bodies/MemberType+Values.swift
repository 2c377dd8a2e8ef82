// SPDX-License-Identifier: Apache-2.0
import BackupModel

extension MemberType<ResourceID> {
    static var id: MemberType {
        MemberType(schema: .uuid) { value, member in
            guard case .string(let text) = value, let id = ResourceID(text) else {
                throw APIError.wrongType(member: member, expected: "a UUID")
            }
            return id
        }
    }
}

extension MemberType<Bool> {
    /// A boolean, or one of the spellings that Cinder takes for one.
    static var flag: MemberType {
        MemberType(
            schema: .any(of: [.boolean, .integer(in: 0...1), .anyCase(of: Bool.spellings.map(\.text))])
        ) { value, member in
            switch value {
            case .bool(let flag): return flag
            case .integer(0): return false
            case .integer(1): return true
            case .string(let text):
                if let flag = Bool(spelled: text) { return flag }
            default: break
            }
            throw APIError.wrongType(member: member, expected: "a boolean")
        }
    }
}

extension MemberType<Int> {
    /// A whole number, or its digits in a string.
    static func integer(in range: ClosedRange<Int>) -> MemberType {
        MemberType(schema: .any(of: [.integer(in: range), .text(like: "^[0-9]+$")])) { value, member in
            let number: Int?
            switch value {
            case .integer(let integer): number = Int(exactly: integer)
            case .string(let text) where !text.isEmpty && text.utf8.allSatisfy({ (0x30...0x39).contains($0) }):
                number = Int(text)
            default: throw APIError.wrongType(member: member, expected: "a whole number")
            }
            guard let number, range.contains(number) else {
                throw APIError.badMember(member, reason: "must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension MemberType<[String: String]> {
    /// Metadata: strings of at most 255 characters under keys of 1 to 255.
    static var metadata: MemberType {
        MemberType(
            schema: Schema([
                "type": "object", "propertyNames": MemberType<String>.text(atLeast: 1, atMost: 255).schema.json,
                "additionalProperties": MemberType<String>.text.schema.json,
            ])
        ) { value, member in
            let object = try BodyObject(value, path: member)
            var metadata: [String: String] = [:]
            for entry in object.members {
                guard !entry.key.isEmpty else { throw APIError.badMember(member, reason: "has an empty key") }
                let name = object.full(entry.key)
                _ = try MemberType<String>.text.read(.string(entry.key), name)
                metadata[entry.key] = try MemberType<String>.text.read(entry.value, name)
            }
            return metadata
        }
    }

    /// Metadata of one member.
    static var metadataItem: MemberType {
        MemberType(schema: Self.metadata.schema.with(memberCount: 1)) { value, member in
            let metadata = try Self.metadata.read(value, member)
            guard metadata.count == 1 else { throw APIError.badMember(member, reason: "must have one member") }
            return metadata
        }
    }
}
