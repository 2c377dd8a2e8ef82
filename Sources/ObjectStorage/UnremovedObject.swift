// SPDX-License-Identifier: Apache-2.0

/// An object could not be stored, for `reason`; and what there is of it under its name could not be removed.
package struct UnremovedObject: Error, CustomStringConvertible {
    package let name: String
    package let reason: any Error
    package let removal: any Error

    package init(name: String, reason: any Error, removal: any Error) {
        self.name = name
        self.reason = reason
        self.removal = removal
    }

    package var description: String { "\(reason); what there is of object \(name) could not be removed: \(removal)" }
}
