// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What a value in a request or an answer may be, as JSON Schema (draft 2020-12, which OpenAPI 3.1 uses) puts it.
struct Schema: Sendable, Equatable {
    let json: JSONValue

    init(_ json: JSONValue) { self.json = json }
}

extension Schema {
    static let boolean = Schema(["type": "boolean"])
    static let number = Schema(["type": "number"])
    static let null = Schema(["type": "null"])
    static let string = Schema(["type": "string"])
    /// A whole number that is not negative.
    static let count = Schema(["type": "integer", "minimum": 0])
    /// In any case, as it is read; it is always written in lower case.
    static let uuid = text(format: "uuid", like: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
    /// UTC without a zone, which is why it is no `date-time` (RFC 3339 wants one).
    static let timestamp = text(like: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$"#)

    /// A string that `pattern` (ECMA-262) matches.
    static func text(format: String? = nil, like pattern: String) -> Schema {
        let format = format.map { [JSONValue.Member("format", .string($0))] } ?? []
        return Schema(.object([.init("type", "string")] + format + [.init("pattern", .string(pattern))]))
    }

    static func integer(in range: ClosedRange<Int>) -> Schema {
        Schema([
            "type": "integer", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound),
        ])
    }

    static func number(in range: ClosedRange<Int>) -> Schema {
        Schema(["type": "number", "minimum": JSONValue(range.lowerBound), "maximum": JSONValue(range.upperBound)])
    }

    /// The same for an object with so many members.
    func with(memberCount: Int) -> Schema {
        guard case .object(let members) = json else { return self }
        let count = JSONValue(memberCount)
        return Schema(.object(members + [.init("minProperties", count), .init("maxProperties", count)]))
    }

    /// An object of strings.
    static let strings = Schema(["type": "object", "additionalProperties": ["type": "string"]])

    static func one<Word: RawRepresentable<String> & CaseIterable>(of words: Word.Type) -> Schema {
        one(of: words.allCases.map(\.rawValue))
    }

    static func one(of values: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(values.map { .string($0) })])
    }

    /// The schema of that name in the description's components.
    static func named(_ name: String) -> Schema { Schema(["$ref": .string("#/components/schemas/\(name)")]) }

    static func any(of schemas: [Schema]) -> Schema { Schema(["anyOf": .array(schemas.map(\.json))]) }

    static func list(of elements: Schema) -> Schema { Schema(["type": "array", "items": elements.json]) }

    static func object(_ properties: [Property], isOpen: Bool = false) -> Schema {
        var members: [JSONValue.Member] = [
            .init("type", "object"),
            .init("properties", .object(properties.map { .init($0.name, $0.schema.json) })),
        ]
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { members.append(.init("required", .array(required))) }
        if !isOpen { members.append(.init("additionalProperties", false)) }
        return Schema(.object(members))
    }

    /// What has the shape of `example`: for answers that are always the same but for their strings and numbers.
    init(like example: JSONValue) {
        switch example {
        case .null: self = .null
        case .bool: self = .boolean
        case .integer: self = Schema(["type": "integer"])
        case .number: self = .number
        case .string: self = .string
        case .array(let elements): self = .list(of: elements.first.map { Schema(like: $0) } ?? Schema([:]))
        case .object(let members):
            self = .object(members.map { Property(name: $0.key, schema: Schema(like: $0.value)) }, isOpen: true)
        }
    }

    struct Property: Sendable, Equatable {
        var name: String
        var schema: Schema
        var isRequired = true
    }
}

extension Schema {
    var orNull: Schema {
        guard case .object(let members) = json, members.count == 1, case .array(let choices)? = json[key: "anyOf"]
        else {
            return .any(of: [self, .null])
        }
        return Schema(["anyOf": .array(choices + [Schema.null.json])])
    }

    func described(_ text: String?) -> Schema {
        text.map { with([.init("description", .string($0))]) } ?? self
    }

    /// - Precondition: this is an object, as all schemas here are.
    func with(_ members: [JSONValue.Member]) -> Schema {
        guard case .object(let own) = json else { preconditionFailure("a schema is an object") }
        return Schema(.object(own + members))
    }
}

extension Schema {
    /// One of these ASCII words, in any case. ECMA-262 has no flag for that inside a pattern.
    static func anyCase(of words: [String]) -> Schema {
        let patterns = words.map { word in
            word.map { $0.isLetter ? "[\($0.lowercased())\($0.uppercased())]" : String($0) }.joined()
        }
        return text(like: "^(\(patterns.joined(separator: "|")))$")
    }
}
