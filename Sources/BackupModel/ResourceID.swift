// SPDX-License-Identifier: Apache-2.0

/// The id of a backup or a volume: a UUID, in lower case as Cinder writes it.
package struct ResourceID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    /// nil unless `text` is a UUID in its usual form of 8-4-4-4-12 hexadecimal digits.
    package init?(_ text: String) {
        let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard groups.map(\.count) == [8, 4, 4, 4, 12],
            groups.allSatisfy({ $0.allSatisfy { hexValue($0) != nil } })
        else { return nil }
        self.text = text.lowercased()
    }

    /// A new random id (RFC 9562 version 4).
    package static func random() -> ResourceID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package static func random(using generator: inout some RandomNumberGenerator) -> ResourceID {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(hexDigit(byte >> 4)))
            text.unicodeScalars.append(Unicode.Scalar(hexDigit(byte & 15)))
        }
        return ResourceID(canonical: text)
    }

    /// The nil UUID (RFC 9562 §5.9), which stands for what is not known.
    package static let zero = ResourceID(canonical: "00000000-0000-0000-0000-000000000000")

    private init(canonical: String) { text = canonical }

    package var description: String { text }

    package static func < (a: ResourceID, b: ResourceID) -> Bool { a.text < b.text }
}

extension ResourceID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ResourceID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not a UUID")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
