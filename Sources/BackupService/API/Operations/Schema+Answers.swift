// SPDX-License-Identifier: Apache-2.0

extension Schema {
    static let links = list(of: .named("Link"))

    /// An object with this one member.
    static func answer(_ name: String, _ content: Schema) -> Schema {
        .object([Property(name: name, schema: content)], isOpen: true)
    }

    /// A page of a list.
    static func page(of name: String, _ element: Schema) -> Schema {
        .object(
            [
                Property(name: name, schema: .list(of: element)),
                Property(
                    name: "\(name)_links", schema: links.described("Where the next page is, if this one is full"),
                    isRequired: false),
                Property(
                    name: "count", schema: count.described("How many there are on all pages"), isRequired: false),
            ], isOpen: true)
    }
}
