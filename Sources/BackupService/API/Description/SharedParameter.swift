// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// A header that many operations read in the same way.
struct SharedParameter: Sendable {
    /// What it is called in the components.
    let name: String
    let parameter: Parameter
    /// Whether this operation reads it.
    let concerns: @Sendable (Operation) -> Bool

    static let all = [
        SharedParameter(name: "APIVersion", parameter: Microversion.parameter) { $0.access != .nothing },
        SharedParameter(name: "IdempotencyKey", parameter: IdempotencyKey.parameter) { $0.method == .post },
    ]
}

extension SharedParameter {
    var reference: JSONValue { ["$ref": .string("#/components/parameters/\(name)")] }
}
