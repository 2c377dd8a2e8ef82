// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// An object in a body: its members, in the order in which they are read.
struct ObjectForm<Object: Sendable>: Sendable {
    private let initial: Object
    private let fields: [Field<Object>]
    private let needsOne: Bool

    /// - Parameters:
    ///   - initial: what an object without members means. A required field replaces what it stands for there.
    ///   - needsOne: whether an object in which all members are null or left out is refused.
    init(_ initial: Object, needsOne: Bool = false, _ fields: [Field<Object>]) {
        self.initial = initial
        self.fields = fields
        self.needsOne = needsOne
    }

    /// - Parameter path: what the object is called in messages.
    func read(_ value: JSONValue, path: String) throws -> Object {
        var body = try BodyObject(value, path: path)
        var object = initial
        var given = 0
        for field in fields where try field.read(&body, &object) { given += 1 }
        try body.finish()
        if needsOne && given == 0 { throw APIError.nothingToChange }
        return object
    }

    var schema: Schema {
        let schema = Schema.object(fields.map(\.property))
        guard needsOne else { return schema }
        let given = fields.map { field -> JSONValue in
            let name = field.property.name
            return ["required": [.string(name)], "properties": .object([.init(name, ["not": ["type": "null"]])])]
        }
        return schema.with([.init("anyOf", .array(given))])
    }
}
