// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// The field lines of one request as they arrive (RFC 9112 §5).
struct HeaderSection {
    private(set) var fields = HTTPFields()
    /// What the lines have used of the limit, with their CRLFs.
    private(set) var byteCount = 0
    private var count = 0

    mutating func append(_ line: [UInt8], limits: Limits) throws(Refusal) {
        count += 1
        byteCount += line.count + 2
        guard count <= limits.headerCount else { throw .tooManyHeaders(limit: limits.headerCount) }
        guard byteCount <= limits.headerBytes else { throw .headersTooLarge(limit: limits.headerBytes) }
        fields.append(try Self.field(line))
    }

    private static func field(_ line: [UInt8]) throws(Refusal) -> HTTPField {
        // RFC 9112 §5.2: a line that begins with white space continues the one before, in old messages.
        guard line.first != .space, line.first != .tab else { throw .foldedHeader }
        // RFC 9112 §5.1: the name is a token up to the colon, and no space comes between.
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { throw .malformedHeader }
        return HTTPField(name: name, value: trimmed(line[(colon + 1)...]))
    }

    /// RFC 9112 §5.1: white space around a value is not part of it.
    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == .space || $0 == .tab }
        guard let last = value.lastIndex(where: { !isBlank($0) }) else { return [] }
        return value[...last].drop(while: isBlank)
    }
}
