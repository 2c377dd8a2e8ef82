// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text without the blanks at its ends, as Cinder takes names, descriptions and keys.
    var withoutOuterBlanks: String {
        let text = unicodeScalars.drop { $0.properties.isWhitespace }
        let end = text.lastIndex { !$0.properties.isWhitespace }
        return end.map { String(text[...$0]) } ?? ""
    }
}
