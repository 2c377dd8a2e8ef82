// SPDX-License-Identifier: Apache-2.0

/// Names an event: `EPOCH-NUMBER`. Numbers grow by one from event to event; the epoch is another one in each run of the
/// daemon, so that an id from an earlier run is not mistaken for one of this.
struct EventID: Sendable, Hashable, CustomStringConvertible {
    let epoch: String
    let number: Int64

    init(epoch: String, number: Int64) {
        self.epoch = epoch
        self.number = number
    }

    /// nil for what is no id of ours. It comes from a client.
    init?(_ text: String) {
        guard let dash = text.lastIndex(of: "-"), let number = Int64(text[text.index(after: dash)...]), number >= 0
        else { return nil }
        self.init(epoch: String(text[..<dash]), number: number)
    }

    var description: String { "\(epoch)-\(number)" }

    /// 12 random hexadecimal digits.
    static func newEpoch() -> String {
        let digits = String(UInt64.random(in: 0..<1 << 48), radix: 16)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }
}
