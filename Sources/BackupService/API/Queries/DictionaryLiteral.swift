// SPDX-License-Identifier: Apache-2.0

/// A dictionary of strings as clients put one into a query: as Python writes it (`{'k': 'v'}`), which is what Cinder's
/// clients do, or as JSON does.
struct DictionaryLiteral {
    let members: [String: String]

    /// nil for what is no such dictionary.
    init?(_ text: String) {
        var parser = Parser(rest: Substring(text).unicodeScalars)
        guard let members = parser.dictionary() else { return nil }
        self.members = members
    }
}

private struct Parser {
    var rest: Substring.UnicodeScalarView

    mutating func dictionary() -> [String: String]? {
        guard take("{") else { return nil }
        var members: [String: String] = [:]
        while !take("}") {
            guard members.isEmpty || take(","), let key = string(), take(":"), let value = string() else { return nil }
            members[key] = value
        }
        skipBlanks()
        return rest.isEmpty ? members : nil
    }

    /// `'a'`, `"a"` or, as Python 2 wrote it, `u'a'`.
    private mutating func string() -> String? {
        _ = take("u")
        guard let quote = ["'", "\""].first(where: { take($0) }) else { return nil }
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(text) }
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            guard let escaped = escape() else { return nil }
            text.append(escaped)
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        switch rest.popFirst() {
        case "n": "\n"
        case "r": "\r"
        case "t": "\t"
        case "x": scalar(digits: 2)
        case "u": scalar(digits: 4)
        case "U": scalar(digits: 8)
        case let scalar? where "'\"\\/".unicodeScalars.contains(scalar): scalar
        default: nil
        }
    }

    private mutating func scalar(digits count: Int) -> Unicode.Scalar? {
        let digits = String(String.UnicodeScalarView(rest.prefix(count)))
        rest = rest.dropFirst(count)
        guard digits.utf8.count == count, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
        else { return nil }
        return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop { $0.properties.isWhitespace } }
}
