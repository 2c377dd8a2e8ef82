// SPDX-License-Identifier: Apache-2.0

/// The SHA-256 of one block: 32 bytes, compared as four words.
package struct SHA256Digest: Sendable, Hashable, BitwiseCopyable {
    package static let byteCount = 32
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// - Precondition: `bytes` holds exactly 32 bytes.
    package init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        words = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// nil unless `hex` is 64 hexadecimal digits (either case).
    package init?(hex: some Collection<UInt8>) {
        guard let bytes = bytesOfHex(hex, count: Self.byteCount) else { return nil }
        self = bytes.withUnsafeBytes { Self(bytes: $0) }
    }

    package init?(hex: String) { self.init(hex: hex.utf8) }

    /// The same for bytes in memory, without a detour over an array: lists of digests have millions.
    /// - Precondition: `hexDigits` holds exactly 64 bytes.
    package init?(hexDigits: UnsafeRawBufferPointer) {
        precondition(hexDigits.count == 2 * Self.byteCount)
        var digest: InlineArray<32, UInt8> = .init(repeating: 0)
        var bad: UInt8 = 0
        for index in 0..<Self.byteCount {
            let high = hexValues[Int(hexDigits[2 * index])]
            let low = hexValues[Int(hexDigits[2 * index + 1])]
            bad |= (high | low) & 0xf0
            digest[index] = high << 4 | low & 0x0f
        }
        guard bad == 0 else { return nil }
        self = Swift.withUnsafeBytes(of: digest) { Self(bytes: $0) }
    }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    package var hex: String { withUnsafeBytes(hexOfBytes) }

    package static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// The MD5 of one object's unpacked bytes, as the metadata lists it: 16 bytes.
package struct MD5Digest: Sendable, Hashable, BitwiseCopyable {
    package static let byteCount = 16
    private let words: (UInt64, UInt64)

    /// - Precondition: `bytes` holds exactly 16 bytes.
    package init(bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == Self.byteCount)
        words = (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        )
    }

    /// nil unless `hex` is 32 hexadecimal digits (either case).
    package init?(hex: String) {
        guard let bytes = bytesOfHex(hex.utf8, count: Self.byteCount) else { return nil }
        self = bytes.withUnsafeBytes { Self(bytes: $0) }
    }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    package var hex: String { withUnsafeBytes(hexOfBytes) }

    package static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

extension SHA256Digest: CustomStringConvertible { package var description: String { hex } }
extension MD5Digest: CustomStringConvertible { package var description: String { hex } }

private func hexOfBytes(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
        for (index, byte) in bytes.enumerated() {
            text[2 * index] = hexDigit(byte >> 4)
            text[2 * index + 1] = hexDigit(byte & 15)
        }
        return bytes.count * 2
    }
}

package func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

package func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// The value of each hexadecimal digit, 0xff for every other byte.
private let hexValues: [UInt8] = (0...255).map { hexValue(UInt8($0)) ?? 0xff }

private func bytesOfHex(_ hex: some Collection<UInt8>, count: Int) -> [UInt8]? {
    guard hex.count == 2 * count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var high: UInt8?
    for digit in hex {
        guard let value = hexValue(digit) else { return nil }
        if let first = high {
            bytes.append(first << 4 | value)
            high = nil
        } else {
            high = value
        }
    }
    return bytes
}
