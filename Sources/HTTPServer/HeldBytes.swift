// SPDX-License-Identifier: Apache-2.0

/// What connections hold in memory: one, or all of them together.
struct HeldBytes: Equatable {
    /// Requests that arrive or are being handled.
    var received = 0
    /// Answers, or pieces of them, that their peers have not taken.
    var toSend = 0

    var total: Int { received + toSend }

    static func += (a: inout HeldBytes, b: HeldBytes) {
        a.received += b.received
        a.toSend += b.toSend
    }

    static func -= (a: inout HeldBytes, b: HeldBytes) {
        a.received -= b.received
        a.toSend -= b.toSend
    }
}
