// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Testing

@testable import BackupService

/// As much of JSON Schema (draft 2020-12) as the description of the API uses. An unknown keyword is an error.
struct SchemaChecker {
    /// The whole description, which references point into.
    let document: JSONValue

    struct UnknownKeyword: Error { let name: String }

    func accepts(_ value: JSONValue, _ schema: JSONValue) throws -> Bool { try objection(to: value, schema) == nil }

    /// Where and why `value` is not what `schema` says; nil when it is.
    func objection(to value: JSONValue, _ schema: JSONValue, at path: String = "$") throws -> String? {
        guard case .object(let keywords) = schema else { throw UnknownKeyword(name: schema.text) }
        for keyword in keywords {
            if let objection = try objection(to: value, keyword, of: schema, path) { return objection }
        }
        return nil
    }

    func target(of reference: String) -> JSONValue? {
        reference.split(separator: "/").dropFirst().reduce(document) { $0?[key: String($1)] }
    }

    private func objection(
        to value: JSONValue, _ keyword: JSONValue.Member, of schema: JSONValue, _ path: String
    ) throws -> String? {
        func unless(_ holds: Bool) -> String? { holds ? nil : "\(path): \(keyword.key) \(keyword.value.text)" }
        switch (keyword.key, keyword.value) {
        case ("description", _), ("format", _), ("examples", _): return nil
        case ("$ref", .string(let reference)):
            return try objection(to: value, #require(target(of: reference), "\(reference)"), at: path)
        case ("type", .string(let type)): return unless(value.types.contains(type))
        case ("enum", .array(let values)): return unless(values.contains(value))
        case ("const", let constant): return unless(constant == value)
        case ("anyOf", .array(let choices)): return unless(try choices.contains { try accepts(value, $0) })
        case ("not", let other): return unless(try !accepts(value, other))
        case ("minimum", .integer(let least)): return unless(value.number.map { $0 >= Double(least) } ?? true)
        case ("maximum", .integer(let most)): return unless(value.number.map { $0 <= Double(most) } ?? true)
        case ("minLength", .integer(let least)): return unless(value.scalarCount.map { $0 >= least } ?? true)
        case ("maxLength", .integer(let most)): return unless(value.scalarCount.map { $0 <= most } ?? true)
        case ("pattern", .string(let pattern)):
            guard case .string(let text) = value else { return nil }
            let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
            return unless(text.firstMatch(of: regex) != nil)
        case ("items", let schema):
            guard case .array(let elements) = value else { return nil }
            return try first(elements) { try objection(to: $0, schema, at: "\(path)[]") }
        case ("required", .array(let names)):
            guard case .object(let members) = value else { return nil }
            return unless(names.allSatisfy { name in members.contains { .string($0.key) == name } })
        case ("properties", let properties):
            return try first(value.members) { member in
                guard let schema = properties[key: member.key] else { return nil }
                return try objection(to: member.value, schema, at: "\(path).\(member.key)")
            }
        case ("propertyNames", let schema):
            return try first(value.members) { try objection(to: .string($0.key), schema, at: "\(path).\($0.key)") }
        case ("additionalProperties", let other):
            let additional = value.members.filter { schema[key: "properties"]?[key: $0.key] == nil }
            if other == false { return unless(additional.isEmpty) }
            return try first(additional) { try objection(to: $0.value, other, at: "\(path).\($0.key)") }
        default: throw UnknownKeyword(name: keyword.key)
        }
    }

    private func first<Element>(_ elements: [Element], _ objection: (Element) throws -> String?) rethrows -> String? {
        for element in elements {
            if let objection = try objection(element) { return objection }
        }
        return nil
    }
}

extension JSONValue {
    fileprivate var types: Set<String> {
        switch self {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .integer: ["integer", "number"]
        case .number(let number): number.rounded() == number ? ["integer", "number"] : ["number"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }

    fileprivate var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    fileprivate var scalarCount: Int? {
        guard case .string(let text) = self else { return nil }
        return text.unicodeScalars.count
    }

    /// None where this is no object.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }
}
