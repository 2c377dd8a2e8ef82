// SPDX-License-Identifier: Apache-2.0

/// What a request may say beside its body, for the description.
struct Parameter: Sendable, Equatable {
    enum Place: String, Sendable {
        case path, query, header
    }

    var name: String
    var place: Place
    var schema: Schema
    var details: String
}
