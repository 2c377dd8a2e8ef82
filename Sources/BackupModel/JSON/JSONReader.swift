// SPDX-License-Identifier: Apache-2.0

/// Reads JSON (RFC 8259) as a stream, in the order in which it is written, in constant memory.
///
/// The caller says what it expects next: `object`, `array`, `string`, `integer`, `skipValue`… Anything else in
/// the text is a `JSONError`. Nothing recurses, so no depth of nesting can exhaust the stack.
package final class JSONReader {
    /// Fills the buffer from the front and returns how many bytes it wrote; 0 is the end of the text.
    package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

    /// Deeper nesting than any backup needs; a bound on what hostile text can ask for.
    package static let depthLimit = 128

    /// Whether text that is none, half a surrogate pair or bytes that are not UTF-8, is read as U+FFFD, and not
    /// refused.
    private let repairsText: Bool
    private let source: Source
    private let buffer: UnsafeMutableRawBufferPointer
    private var position = 0
    private var end = 0
    private var bufferOffset: Int64 = 0
    private var depth = 0
    /// Behind an opening bracket: what comes next needs no comma.
    private var hasJustEntered = false
    private var scratch: [UInt8] = []

    package init(bufferBytes: Int = 128 << 10, repairingText: Bool = false, source: @escaping Source) {
        self.source = source
        repairsText = repairingText
        buffer = .allocate(byteCount: bufferBytes, alignment: 16)
    }

    package convenience init(_ text: [UInt8], repairingText: Bool = false) {
        var rest = text[...]
        self.init(bufferBytes: max(256, min(text.count, 128 << 10)), repairingText: repairingText) { target in
            let count = min(rest.count, target.count)
            target.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
    }

    deinit { buffer.deallocate() }

    /// Bytes read so far.
    package var offset: Int64 { bufferOffset + Int64(position) }

    package func fail(_ reason: String) -> JSONError { JSONError(reason, at: offset) }

    // MARK: - Structure

    /// Reads one object; `member` is called with each key and must read the value.
    package func object(_ member: (String) throws -> Void) throws {
        try beginObject()
        while let key = try nextKey() { try member(key) }
    }

    /// Reads one array; `element` is called before each element and must read it.
    package func array(_ element: () throws -> Void) throws {
        try beginArray()
        while try nextElement() { try element() }
    }

    /// Begins an object for those who cannot read all of it in one go.
    package func beginObject() throws { try enter(UInt8(ascii: "{"), "an object") }

    /// The key of the next member, whose value must be read next; nil when the object has ended.
    package func nextKey() throws -> String? {
        guard try isNextInside(UInt8(ascii: "}")) else { return nil }
        let key = try string(limit: 64 << 10)
        try expect(UInt8(ascii: ":"), "a colon after the key \"\(key.prefix(80))\"")
        return key
    }

    /// As `beginObject`.
    package func beginArray() throws { try enter(UInt8(ascii: "["), "an array") }

    /// True when there is another element, which must be read next; false when the array has ended.
    package func nextElement() throws -> Bool { try isNextInside(UInt8(ascii: "]")) }

    /// Nothing but white space may follow.
    package func finish() throws {
        if try nextSignificant() != nil { throw fail("more text after the end of the JSON value") }
    }

    /// What kind of value comes next.
    package func peek() throws -> JSONKind {
        guard let next = try nextSignificant() else { throw fail("the text ends where a value should be") }
        switch next {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw fail("a value was expected")
        }
    }

    // MARK: - Values

    package func string(limit: Int = 1 << 20) throws -> String {
        try stringBytes(limit: limit)
        return String(decoding: scratch, as: UTF8.self)
    }

    package func stringOrNull(limit: Int = 1 << 20) throws -> String? {
        try peek() == .null ? try null() : try string(limit: limit)
    }

    /// A whole number; one with a fraction or an exponent is refused.
    package func integer() throws -> Int64 {
        let text = try numberText()
        guard let value = Int64(text) else { throw fail("a whole number was expected, not \(text.prefix(40))") }
        return value
    }

    package func bool() throws -> Bool {
        if try nextSignificant() == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    @discardableResult
    package func null<T>() throws -> T? {
        try literal("null")
        return nil
    }

    /// A string of 64 hexadecimal digits; the fast path of lists of millions of digests.
    package func sha256() throws -> SHA256Digest {
        guard try nextSignificant() == UInt8(ascii: "\"") else { throw fail("a SHA-256 in hexadecimal was expected") }
        let width = 2 * SHA256Digest.byteCount
        if end - position >= width + 2, buffer[position + width + 1] == UInt8(ascii: "\""),
            let digest = SHA256Digest(
                hexDigits: UnsafeRawBufferPointer(rebasing: buffer[position + 1..<position + 1 + width]))
        {
            position += width + 2
            return digest
        }
        try stringBytes(limit: 1024)
        guard let digest = SHA256Digest(hex: scratch) else { throw fail("a SHA-256 in hexadecimal was expected") }
        return digest
    }

    /// Reads past one value of any kind.
    package func skipValue() throws {
        var open: [UInt8] = []
        repeat {
            switch try peek() {
            case .object, .array:
                let opening = buffer[position]
                position += 1
                guard depth + open.count < Self.depthLimit else { throw fail("nested too deeply") }
                let closing = opening == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
                open.append(closing)
                if try nextSignificant() != closing {
                    if closing == UInt8(ascii: "}") { try skipKey() }
                    continue
                }
                position += 1
                open.removeLast()
            case .string: try stringBytes(limit: nil)
            case .number: _ = try numberText()
            case .bool: _ = try bool()
            case .null: try literal("null")
            }
            while let closing = open.last {
                guard try separator(closing: closing) else {
                    if closing == UInt8(ascii: "}") { try skipKey() }
                    break
                }
                position += 1
                open.removeLast()
            }
        } while !open.isEmpty
    }

    // MARK: - Characters

    private func enter(_ opening: UInt8, _ what: String) throws {
        guard try nextSignificant() == opening else { throw fail("\(what) was expected") }
        guard depth < Self.depthLimit else { throw fail("nested too deeply") }
        position += 1
        depth += 1
        hasJustEntered = true
    }

    /// Goes on to what comes next inside an object or array; at its end, leaves it.
    private func isNextInside(_ closing: UInt8) throws -> Bool {
        let ends = hasJustEntered ? try nextSignificant() == closing : try separator(closing: closing)
        hasJustEntered = false
        guard ends else { return true }
        position += 1
        depth -= 1
        return false
    }

    /// True before the closing bracket (which is left for the caller to consume), false after a comma.
    private func separator(closing: UInt8) throws -> Bool {
        let next = try nextSignificant()
        if next == closing { return true }
        guard next == UInt8(ascii: ",") else { throw fail("a comma or the closing bracket was expected") }
        position += 1
        return false
    }

    private func skipKey() throws {
        guard try nextSignificant() == UInt8(ascii: "\"") else { throw fail("a key was expected") }
        try stringBytes(limit: nil)
        try expect(UInt8(ascii: ":"), "a colon")
    }

    private func expect(_ byte: UInt8, _ what: String) throws {
        guard try nextSignificant() == byte else { throw fail("\(what) was expected") }
        position += 1
    }

    /// The next byte that is not white space, not consumed; nil at the end.
    private func nextSignificant() throws -> UInt8? {
        while true {
            while position < end {
                let byte = buffer[position]
                if byte != 0x20, byte != 0x0a, byte != 0x0d, byte != 0x09 { return byte }
                position += 1
            }
            guard try refill() else { return nil }
        }
    }

    private func nextByte() throws -> UInt8 {
        if position == end, try !refill() { throw fail("the text ends in the middle of a value") }
        defer { position += 1 }
        return buffer[position]
    }

    private func refill() throws -> Bool {
        bufferOffset += Int64(end)
        position = 0
        end = 0
        end = try source(buffer)
        return end > 0
    }

    private func literal(_ text: StaticString) throws {
        guard try nextSignificant() != nil else { throw fail("\(text) was expected") }
        for index in 0..<text.utf8CodeUnitCount {
            guard try nextByte() == text.utf8Start[index] else { throw fail("\(text) was expected") }
        }
    }

    /// The characters of a number, as they stand.
    package func numberText() throws -> String {
        guard try peek() == .number else { throw fail("a number was expected") }
        scratch.removeAll(keepingCapacity: true)
        while true {
            if position == end, try !refill() { break }
            let byte = buffer[position]
            guard isNumberCharacter(byte) else { break }
            guard scratch.count < 400 else { throw fail("a number of more than 400 digits") }
            scratch.append(byte)
            position += 1
        }
        guard isJSONNumber(scratch) else { throw fail("not a number") }
        return String(decoding: scratch, as: UTF8.self)
    }

    /// Reads a string into `scratch` (or past it when there is no limit).
    private func stringBytes(limit: Int?) throws {
        guard try nextSignificant() == UInt8(ascii: "\"") else { throw fail("a string was expected") }
        position += 1
        scratch.removeAll(keepingCapacity: true)
        while true {
            let byte = try nextByte()
            switch byte {
            case UInt8(ascii: "\""):
                if limit != nil, !repairsText, !isValidUTF8(scratch) { throw fail("a string that is not UTF-8") }
                return
            case UInt8(ascii: "\\"):
                let text = try escaped(nextByte())
                if limit != nil { scratch.append(contentsOf: text.utf8) }
            case 0..<0x20:
                throw fail("a control character inside a string")
            default:
                if limit != nil { scratch.append(byte) }
            }
            if let limit, scratch.count > limit { throw fail("a string of more than \(limit) bytes") }
        }
    }

    /// What an escape stands for that begins with this byte behind the backslash.
    private func escaped(_ byte: UInt8) throws -> String {
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw fail("an unknown escape in a string")
        }
    }

    /// RFC 8259 §7: a character above the BMP is a pair of surrogates. A lone one stands for no character.
    private func unicodeEscape() throws -> String {
        var text = ""
        var unit = try fourHexDigits()
        while let first = highSurrogate(unit) {
            guard try nextByte() == UInt8(ascii: "\\") else {
                position -= 1  // just read, so it is in the buffer
                return try text + loneSurrogate()
            }
            let byte = try nextByte()
            guard byte == UInt8(ascii: "u") else { return try text + loneSurrogate() + escaped(byte) }
            let second = try fourHexDigits()
            if (0xdc00..<0xe000).contains(second), let scalar = Unicode.Scalar(first + second - 0xdc00) {
                return text + String(scalar)
            }
            text += try loneSurrogate()
            unit = second
        }
        guard let scalar = Unicode.Scalar(unit) else { return try text + loneSurrogate() }
        return text + String(scalar)
    }

    /// What the first half of a pair stands for; nil for what is none.
    private func highSurrogate(_ unit: UInt32) -> UInt32? {
        (0xd800..<0xdc00).contains(unit) ? 0x10000 + (unit - 0xd800) << 10 : nil
    }

    private func loneSurrogate() throws -> String {
        guard repairsText else { throw fail("half a surrogate pair in a string") }
        return "\u{fffd}"
    }

    private func fourHexDigits() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexValue(try nextByte()) else { throw fail("four hexadecimal digits were expected") }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}

package enum JSONKind: Sendable { case object, array, string, number, bool, null }

private func isNumberCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
    default: false
    }
}

/// RFC 8259 §6: no leading zeros, digits on both sides of the point.
private func isJSONNumber(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func digits() -> Int {
        let count = rest.prefix { (48...57).contains($0) }.count
        rest = rest.dropFirst(count)
        return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let leadingZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(leadingZero && whole > 1) else { return false }
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard digits() > 0 else { return false }
    }
    return rest.isEmpty
}

private func isValidUTF8(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
}
