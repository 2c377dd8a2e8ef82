// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// An object in an answer: its members, in the order in which they are shown.
struct ObjectView<Source>: Sendable {
    private let members: [ViewMember<Source>]

    init(_ members: [ViewMember<Source>]) { self.members = members }

    func json(_ source: Source) -> JSONValue {
        .object(
            members.compactMap { member in
                let value = member.value(source)
                if value == .null && !member.property.isRequired { return nil }
                return .init(member.property.name, value)
            })
    }

    /// Later releases may add members.
    var schema: Schema { .object(members.map(\.property), isOpen: true) }
}

/// A member of an object in an answer: its name, what it may be, and where it comes from.
struct ViewMember<Source>: Sendable {
    let property: Schema.Property
    /// An optional member that is null is left out.
    fileprivate let value: @Sendable (Source) -> JSONValue
}

extension ViewMember {
    init(
        _ name: String, _ schema: Schema, _ details: String? = nil, value: @escaping @Sendable (Source) -> JSONValue
    ) {
        self.init(property: Schema.Property(name: name, schema: schema.described(details)), value: value)
    }

    static func optional(
        _ name: String, _ schema: Schema, _ details: String? = nil, value: @escaping @Sendable (Source) -> JSONValue
    ) -> ViewMember {
        let property = Schema.Property(name: name, schema: schema.described(details), isRequired: false)
        return ViewMember(property: property, value: value)
    }
}
