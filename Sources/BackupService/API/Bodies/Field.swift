// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A member of an object in a body: its name, its type, and where what it says goes.
struct Field<Object>: Sendable {
    let property: Schema.Property
    /// Takes the member out of a body's object. False when it is null or left out.
    let read: @Sendable (inout BodyObject, inout Object) throws -> Bool

    fileprivate init(
        property: Schema.Property, read: @escaping @Sendable (inout BodyObject, inout Object) throws -> Bool
    ) {
        self.property = property
        self.read = read
    }

    private init<Value>(
        _ name: String, _ type: MemberType<Value>, _ details: String, isRequired: Bool,
        assign: @escaping @Sendable (Value, inout Object) -> Void
    ) {
        let schema = isRequired ? type.schema : type.schema.orNull
        property = Schema.Property(name: name, schema: schema.described(details), isRequired: isRequired)
        read = { body, object in
            guard let value = try body.take(name, type) else {
                if isRequired { throw APIError.missingMember(body.full(name)) }
                return false
            }
            assign(value, &object)
            return true
        }
    }
}

extension Field {
    static func required<Value>(
        _ name: String, _ path: WritableKeyPath<Object, Value> & Sendable, _ type: MemberType<Value>, _ details: String
    ) -> Field {
        Field(name, type, details, isRequired: true) { $1[keyPath: path] = $0 }
    }

    /// What is null or left out leaves the object as it is.
    static func optional<Value>(
        _ name: String, _ path: WritableKeyPath<Object, Value> & Sendable, _ type: MemberType<Value>, _ details: String
    ) -> Field {
        Field(name, type, details, isRequired: false) { $1[keyPath: path] = $0 }
    }

    static func optional<Value>(
        _ name: String, _ path: WritableKeyPath<Object, Value?> & Sendable, _ type: MemberType<Value>, _ details: String
    ) -> Field {
        Field(name, type, details, isRequired: false) { $1[keyPath: path] = $0 }
    }

    /// What clients send and the daemon has not.
    static func unsupported(_ name: String) -> Field {
        Field(name, MemberType<Void>.nothing, "Must say nothing", isRequired: false) { _, _ in }
    }
}

extension Field {
    /// The field of an object that is part of another one.
    func lifted<Whole>(to path: WritableKeyPath<Whole, Object> & Sendable) -> Field<Whole> {
        Field<Whole>(property: property) { try read(&$0, &$1[keyPath: path]) }
    }
}
