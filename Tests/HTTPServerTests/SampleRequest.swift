// SPDX-License-Identifier: Apache-2.0
import Testing

/// The bytes of a request, and the status it is refused with, if it is.
struct SampleRequest: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    var status: Int?

    var testDescription: String { name }
}
