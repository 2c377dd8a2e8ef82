// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// What can be done by `POST …/action`: the name of the body's one member, and what it holds.
struct Action<Call: Sendable>: Sendable {
    let property: Schema.Property
    let read: @Sendable (JSONValue) throws -> Call

    /// An action without arguments: `null`, which is what the clients send, or `{}`.
    init(_ name: String, _ details: String, call: Call) {
        let none = ObjectForm((), [])
        property = Schema.Property(name: name, schema: none.schema.orNull.described(details))
        read = { value in
            if value != .null { try none.read(value, path: name) }
            return call
        }
    }

    init<Arguments>(
        _ name: String, _ arguments: ObjectForm<Arguments>, _ details: String,
        call: @escaping @Sendable (ResourceID, Arguments) -> APICall
    ) where Call == @Sendable (ResourceID) -> APICall {
        property = Schema.Property(name: name, schema: arguments.schema.described(details))
        read = { value in
            let arguments = try arguments.read(value, path: name)
            return { call($0, arguments) }
        }
    }
}

extension RequestForm {
    static func oneOf(_ actions: [Action<Value>]) -> RequestForm {
        let body = Schema.any(of: actions.map { .object([$0.property]) })
        return RequestForm(body: body) { request, _ in
            var body = try RequestBody.object(of: request)
            guard let name = body.keys.first else { throw APIError.badMember("body", reason: "names no action") }
            if let second = body.keys.dropFirst().first { throw APIError.unknownMember(second) }
            guard let action = actions.first(where: { $0.property.name == name }), let value = body.take(name) else {
                throw APIError.unknownAction(name)
            }
            return try action.read(value)
        }
    }
}
