// SPDX-License-Identifier: Apache-2.0

/// One `name=value` of a query.
package struct QueryItem: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The members of `query`. As web forms write them, `+` is a space; a name without `=` has an empty value.
    static func items(in query: Substring) -> [QueryItem] {
        query.split(separator: "&").map { member in
            let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(
                name: PercentEncoding.decoded(parts[0], plusIsSpace: true),
                value: parts.count > 1 ? PercentEncoding.decoded(parts[1], plusIsSpace: true) : "")
        }
    }
}
