// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    /// `text` with its `%41` decoded. A `%` that is not followed by two hex digits stays as it is, and bytes that are
    /// not UTF-8 become U+FFFD: whoever looks a name up will not find that one.
    package static func decoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        let encoded = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < encoded.count {
            if encoded[index] == UInt8(ascii: "%"), let byte = byte(encoded, at: index + 1) {
                bytes.append(byte)
                index += 3
            } else {
                let isSpace = plusIsSpace && encoded[index] == UInt8(ascii: "+")
                bytes.append(isSpace ? UInt8(ascii: " ") : encoded[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func byte(_ encoded: [UInt8], at index: Int) -> UInt8? {
        guard index + 1 < encoded.count else { return nil }
        guard let high = encoded[index].hexDigitValue, let low = encoded[index + 1].hexDigitValue else { return nil }
        return high << 4 | low
    }
}
