// SPDX-License-Identifier: Apache-2.0

/// A JSON value in memory, for what is small: request bodies, answers, lines of the progress log.
/// Members keep their order.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The last member of that name, as Python reads it; nil where there is none or this is no object.
    package subscript(key key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }
}

extension JSONValue {
    /// Parses a whole text, in which a string may be as long as it likes: it is in memory already. Throws `JSONError`,
    /// also for nesting deeper than `JSONReader.depthLimit`.
    package init(parsing text: [UInt8], badText: JSONReader.BadText = .refused) throws {
        let reader = JSONReader(text, badText: badText)
        self = try JSONValue(from: reader, stringLimit: .max)
        try reader.finish()
    }

    /// Reads the next value. The reader's bound on depth bounds the recursion.
    package init(from reader: JSONReader, stringLimit: Int = 1 << 20) throws {
        switch try reader.peek() {
        case .null:
            try reader.skipValue()
            self = .null
        case .bool: self = .bool(try reader.bool())
        case .string: self = .string(try reader.string(limit: stringLimit))
        case .number: self = try Self.number(from: reader)
        case .array:
            var elements: [JSONValue] = []
            try reader.array { elements.append(try JSONValue(from: reader, stringLimit: stringLimit)) }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            try reader.object { members.append(Member($0, try JSONValue(from: reader, stringLimit: stringLimit))) }
            self = .object(members)
        }
    }

    private static func number(from reader: JSONReader) throws -> JSONValue {
        let value = try reader.numberText()
        if let integer = Int64(value) { return .integer(integer) }
        guard let number = Double(value), number.isFinite else {
            throw reader.fail("\(value.prefix(40)) is not a number")
        }
        return .number(number)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }

    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    package init(_ value: Int) { self = .integer(Int64(value)) }
    package init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    package init(_ id: ResourceID?) { self.init(id?.text) }

    /// An object with its keys in order of their code points.
    package init(_ dictionary: [String: String]) {
        self = .object(dictionary.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }
}

extension JSONValue {
    /// Whether a NUL character stands in any key or string: no file name, and no text of SQLite's, can hold it.
    package var holdsNUL: Bool {
        switch self {
        case .null, .bool, .integer, .number: false
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.holdsNUL)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.holdsNUL }
        }
    }
}
