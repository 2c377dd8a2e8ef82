// SPDX-License-Identifier: Apache-2.0

package enum RequestID {
    /// `req-` and a random (version 4) UUID, as OpenStack writes it.
    package static func random() -> String {
        let version: UInt64 = 0x4000
        let variant: UInt64 = 0x8000_0000_0000_0000
        let high = UInt64.random(in: 0...UInt64.max) & ~0xF000 | version
        let low = UInt64.random(in: 0...UInt64.max) >> 2 | variant
        let digits = Array(hex(high) + hex(low))
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return "req-" + groups.joined(separator: "-")
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
