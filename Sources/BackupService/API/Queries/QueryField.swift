// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupModel

/// What a query may say: how it is read, and how the description puts it.
struct QueryField<Object>: Sendable {
    /// Sorting is one field, and three parameters.
    let parameters: [Parameter]
    let read: @Sendable (inout ListQuery, inout Object) throws -> Void

    init(
        _ name: String, _ schema: Schema, _ details: String, since: Microversion = .minimum,
        read: @escaping @Sendable (inout ListQuery, inout Object) throws -> Void
    ) {
        let details = since > .minimum ? "\(details). From version \(since) on" : details
        self.init([Parameter(name: name, place: .query, schema: schema, details: details)]) { query, object in
            if query.knows(since) { try read(&query, &object) }
        }
    }

    init(_ parameters: [Parameter], read: @escaping @Sendable (inout ListQuery, inout Object) throws -> Void) {
        self.parameters = parameters
        self.read = read
    }
}

extension QueryField {
    /// - Parameter since: the version of the API that the parameter came with. To an older one its name says nothing.
    static func text(
        _ name: String, _ path: WritableKeyPath<Object, String?> & Sendable, _ details: String,
        since: Microversion = .minimum
    ) -> QueryField {
        QueryField(name, .string, details, since: since) { $1[keyPath: path] = try $0.text(name) }
    }

    static func flag(
        _ name: String, _ path: WritableKeyPath<Object, Bool> & Sendable, _ details: String,
        since: Microversion = .minimum
    ) -> QueryField {
        QueryField(name, .flag, details, since: since) { $1[keyPath: path] = try $0.flag(name) }
    }

    /// A whole number that is not negative; what is larger than `most` means `most`.
    static func count(
        _ name: String, atMost most: Int, _ path: WritableKeyPath<Object, Int> & Sendable, _ details: String
    ) -> QueryField {
        QueryField(name, .count, details) {
            if let count = try $0.count(name, atMost: most) { $1[keyPath: path] = count }
        }
    }

    static func ignoredFlag(_ name: String) -> QueryField {
        QueryField(name, .flag, "Accepted, and changes nothing") { query, _ in _ = try query.flag(name) }
    }

    /// A word of which those that nothing has are no mistake.
    static func word<Word>(
        _ name: String, _ schema: Schema, _ path: WritableKeyPath<Object, Word?> & Sendable, _ details: String,
        orNone: WritableKeyPath<Object, Bool> & Sendable, parse: @escaping @Sendable (String) -> Word?
    ) -> QueryField {
        QueryField(name, schema, details) { query, object in
            guard let text = try query.text(name) else { return }
            object[keyPath: path] = parse(text)
            if object[keyPath: path] == nil { object[keyPath: orNone] = true }
        }
    }
}

extension QueryField {
    /// A boolean that is not asked for where it is left out.
    static func optionalFlag(
        _ name: String, _ path: WritableKeyPath<Object, Bool?> & Sendable, _ details: String
    ) -> QueryField {
        QueryField(name, .flag, details) { query, object in
            guard let text = try query.text(name) else { return }
            guard let flag = Bool(spelled: text) else { throw APIError.badParameter(name, reason: "must be a boolean") }
            object[keyPath: path] = flag
        }
    }

    /// `{'k': 'v'}`
    static func dictionary(
        _ name: String, _ path: WritableKeyPath<Object, [String: String]> & Sendable, _ details: String
    ) -> QueryField {
        QueryField(name, .string, "\(details): `{'key': 'value', …}`") { query, object in
            guard let text = try query.text(name) else { return }
            guard let literal = DictionaryLiteral(text) else {
                throw APIError.badParameter(name, reason: "must be a dictionary of strings: {'key': 'value', …}")
            }
            object[keyPath: path] = literal.members
        }
    }

    /// `gt:2026-11-23T01:00:00,lt:…`; a time alone is the same as `eq:`.
    static func times(
        _ name: String, _ path: WritableKeyPath<Object, [TimeComparison]> & Sendable
    ) -> QueryField {
        let relations = TimeComparison.Relation.allCases.map(\.rawValue).joined(separator: "|")
        let term = "((\(relations)):)?[^,]+"
        let details = "`gt:TIME`, `gte:`, `eq:`, `neq:`, `lt:` or `lte:`, several with commas"
        return QueryField(name, .text(like: "^\(term)(,\(term))*$"), details) { query, object in
            guard let text = try query.text(name) else { return }
            object[keyPath: path] = try text.split(separator: ",", omittingEmptySubsequences: false).map { term in
                let relation = TimeComparison.Relation.allCases.first { term.hasPrefix("\($0.rawValue):") }
                let time = term.dropFirst(relation.map { $0.rawValue.count + 1 } ?? 0)
                guard let time = Timestamp(String(time)) else {
                    throw APIError.badParameter(name, reason: "holds what is no time: \(term.prefix(80))")
                }
                return TimeComparison(relation ?? .eq, time)
            }
        }
    }

    /// What has one value in the whole list, or none: another one finds nothing.
    static func constant(
        _ name: String, _ value: String?, _ details: String, orNone: WritableKeyPath<Object, Bool> & Sendable,
        reading: @escaping @Sendable (String) -> String = { $0 }
    ) -> QueryField {
        QueryField(name, .string, details) { query, object in
            if let text = try query.text(name), reading(text) != value { object[keyPath: orNone] = true }
        }
    }
}

extension QueryField {
    /// `sort`, or the older `sort_key` and `sort_dir`.
    static func sort<Key: RawRepresentable<String> & CaseIterable & Sendable>(
        _ path: WritableKeyPath<Object, [Sorting<Key>]> & Sendable
    ) -> QueryField {
        let key = #"\s*(\#((Key.allCases.map(\.rawValue) + ["name"]).joined(separator: "|")))\s*"#
        let direction = #"\s*([aA][sS][cC]|[dD][eE][sS][cC])?\s*"#
        let term = "\(key)(:\(direction))?"
        let parameters = [
            Parameter(
                name: "sort", place: .query, schema: .text(like: "^\(term)(,\(term))*$"),
                details: "`key:asc` or `key:desc` (the default), several with commas"),
            Parameter(
                name: "sort_key", place: .query, schema: .list(of: .text(like: "^\(key)$")),
                details: "The older spelling; not together with `sort`"),
            Parameter(
                name: "sort_dir", place: .query, schema: .list(of: .text(like: "^\(direction)$")),
                details: "One for each `sort_key`, or one for all"),
        ]
        return QueryField(parameters) { query, object in
            object[keyPath: path] = try query.sort(Key.self).map { Sorting($0.key, ascending: $0.ascending) }
        }
    }
}

extension Schema {
    /// A boolean in a query.
    static var flag: Schema { .anyCase(of: Bool.spellings.map(\.text)) }
}
