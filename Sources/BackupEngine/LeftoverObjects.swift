// SPDX-License-Identifier: Apache-2.0

/// A backup has failed, for `reason`, and some of what it had made could not be removed.
package struct LeftoverObjects: Error, CustomStringConvertible {
    package let reason: any Error
    package let container: String
    /// How many objects are left.
    package let count: Int
    /// The name of one of them.
    package let first: String
    /// Why the first that was not removed was not; no others were tried after it.
    package let removal: any Error

    package var description: String { "\(reason); \(summary)" }

    /// Without the reason of the failure.
    package var summary: String {
        "\(count) of its objects are left in container \(container), \(first) among them: \(removal)"
    }
}
