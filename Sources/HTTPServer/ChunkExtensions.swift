// SPDX-License-Identifier: Apache-2.0

/// What may follow the size of a chunk (RFC 9112 §7.1.1):
/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`.
///
/// None means anything here. But who reads them otherwise sees the chunk end elsewhere, so they are held to the grammar.
enum ChunkExtensions {
    static func areValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            rest.skipBlanks()
            guard rest.skip(UInt8(ascii: ";")) else { return false }
            rest.skipBlanks()
            guard rest.skipToken() else { return false }
            let afterName = rest
            rest.skipBlanks()
            guard rest.skip(UInt8(ascii: "=")) else {
                // Blanks belong to what follows them, and are an error at the end.
                rest = afterName
                continue
            }
            rest.skipBlanks()
            guard rest.skipToken() || rest.skipQuotedString() else { return false }
        }
        return true
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func skip(_ byte: UInt8) -> Bool {
        guard first == byte else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func skipBlanks() { self = drop { $0 == .space || $0 == .tab } }

    fileprivate mutating func skipToken() -> Bool {
        let rest = drop(while: \.isInToken)
        defer { self = rest }
        return rest.count < count
    }

    /// RFC 9110 §5.6.4.
    fileprivate mutating func skipQuotedString() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while let byte = popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), popFirst() == nil { return false }
        }
        return false
    }
}
