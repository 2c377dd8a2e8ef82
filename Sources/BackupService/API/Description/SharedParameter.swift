// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// A header that many operations read in the same way, as a Parameter Object of OpenAPI (§4.8.12).
struct SharedParameter: Sendable {
    /// What it is called in the components.
    let name: String
    let description: JSONValue
    /// Whether this operation reads it.
    let concerns: @Sendable (Operation) -> Bool

    static let all = [
        SharedParameter(name: "APIVersion", description: Microversion.parameter) { !$0.isPublic }
    ]
}

extension SharedParameter {
    var reference: JSONValue { ["$ref": .string("#/components/parameters/\(name)")] }
}
