// SPDX-License-Identifier: Apache-2.0

/// Text that is not the JSON it should be, and where: `offset` counts bytes from the start of the text.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package let reason: String
    package let offset: Int64

    package init(_ reason: String, at offset: Int64) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason) at byte \(offset)" }
}
