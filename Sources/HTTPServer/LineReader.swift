// SPDX-License-Identifier: Apache-2.0

/// Collects one line up to its CRLF, however it is cut into pieces.
///
/// Every fault is found at the byte that makes it one, so the answer does not depend on where the pieces end, and a
/// client that speaks something else (TLS, say) hears so at once.
struct LineReader {
    enum Alphabet {
        /// Visible ASCII and space: RFC 9112 §3.
        case requestLine
        /// That, tab, and bytes above ASCII: RFC 9110 §5.5.
        case field
    }

    private var line: [UInt8] = []
    private var sawCarriageReturn = false

    var byteCount: Int { line.count }

    /// Whether a line has been begun.
    var isInLine: Bool { sawCarriageReturn || !line.isEmpty }

    /// The next line without its CRLF, or nil when the input ends before it does.
    mutating func next(
        from input: inout ByteQueue, alphabet: Alphabet, limit: Int, tooLong: Refusal
    ) throws(Refusal) -> [UInt8]? {
        while let byte = input.popFirst() {
            if try isEnd(byte) { return takeLine() }
            if sawCarriageReturn { continue }
            guard alphabet.contains(byte) else { throw .forbiddenByte(byte) }
            guard line.count < limit else { throw tooLong }
            line.append(byte)
        }
        return nil
    }

    /// RFC 9112 §2.2: only CRLF ends a line. A server that takes less, behind a proxy that does not, is how requests
    /// are smuggled.
    private mutating func isEnd(_ byte: UInt8) throws(Refusal) -> Bool {
        if byte == .lineFeed {
            guard sawCarriageReturn else { throw .bareLineFeed }
            return true
        }
        guard !sawCarriageReturn else { throw .bareCarriageReturn }
        sawCarriageReturn = byte == .carriageReturn
        return false
    }

    private mutating func takeLine() -> [UInt8] {
        defer { self = LineReader() }
        return line
    }
}

extension LineReader.Alphabet {
    func contains(_ byte: UInt8) -> Bool {
        switch self {
        case .requestLine: (0x20...0x7E).contains(byte)
        case .field: byte == .tab || byte >= 0x20 && byte != 0x7F
        }
    }
}
