// SPDX-License-Identifier: Apache-2.0

extension Schema {
    static let backup = envelope("backup", .named("Backup"))
    static let volume = envelope("volume", .named("Volume"))

    static let restore = envelope("restore", .named("Restore"))
    static let record = envelope("backup-record", .named("Record"))

    /// A page of a list.
    static func page(of name: String, _ element: Schema) -> Schema {
        .object([
            Property(name: name, schema: .list(of: element)),
            Property(
                name: "\(name)_links",
                schema: Schema.list(of: .named("Link")).described("Where the next page is, if this one is full"),
                isRequired: false),
            Property(
                name: "count", schema: Schema.count.described("How many there are on all pages"), isRequired: false),
        ])
    }
}
