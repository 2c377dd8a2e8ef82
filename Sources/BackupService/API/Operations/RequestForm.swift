// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPServer

/// What an operation wants to know beside its path: how it is read, and how the description puts it.
struct RequestForm<Value: Sendable>: Sendable {
    var parameters: [Parameter] = []
    /// nil for operations that read no body.
    var body: Schema?
    /// Throws `APIError`, and what the types of members throw.
    let read: @Sendable (Request, Microversion) throws -> Value
}

extension RequestForm where Value == Void {
    static var nothing: RequestForm { RequestForm { _, _ in } }

    /// Parameters that are checked, and change nothing.
    static func ignoring(_ fields: [QueryField<Void>]) -> RequestForm { .query(fields, into: ()) }
}

extension RequestForm {
    /// The query alone. What it has besides `fields` is not looked at.
    static func query(_ fields: [QueryField<Value>], into initial: Value) -> RequestForm {
        RequestForm(parameters: fields.flatMap(\.parameters)) { request, version in
            var query = ListQuery(request, version)
            var value = initial
            for field in fields { try field.read(&query, &value) }
            return value
        }
    }

    /// The one object that the body holds under `name`, e.g. `{"backup": {…}}`. `extras` may stand beside it, if empty.
    static func envelope(_ name: String, _ form: ObjectForm<Value>, besides extras: [String] = []) -> RequestForm {
        let empty = extras.map {
            Schema.Property(name: $0, schema: MemberType<Void>.nothing.schema.orNull, isRequired: false)
        }
        let body = Schema.object([Schema.Property(name: name, schema: form.schema)] + empty)
        return RequestForm(body: body) { request, _ in
            var body = try RequestBody.object(of: request)
            for extra in extras { try body.mustBeEmpty(extra) }
            guard let value = body.take(name) else { throw APIError.missingMember(name) }
            try body.finish()
            return try form.read(value, path: name)
        }
    }

    /// The same where null stands for an object without members.
    static func nullableEnvelope(_ name: String, _ form: ObjectForm<Value>) -> RequestForm {
        RequestForm(body: .object([Schema.Property(name: name, schema: form.schema.orNull)])) { request, _ in
            var body = try RequestBody.object(of: request)
            guard let value = body.take(name) else { throw APIError.missingMember(name) }
            try body.finish()
            return try form.read(value == .null ? [:] : value, path: name)
        }
    }

    /// The one member of the body.
    static func member(_ name: String, _ type: MemberType<Value>) -> RequestForm {
        RequestForm(body: .object([Schema.Property(name: name, schema: type.schema)])) { request, _ in
            var body = try RequestBody.object(of: request)
            guard let value = try body.take(name, type) else { throw APIError.missingMember(name) }
            try body.finish()
            return value
        }
    }
}
