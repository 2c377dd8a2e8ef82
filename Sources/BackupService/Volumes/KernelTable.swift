// SPDX-License-Identifier: Apache-2.0

/// A text table of the kernel's: lines of fields with blanks between them.
///
/// Names in it are bytes: a blank and an accent after it would be one `Character`, so this looks at the UTF-8.
func kernelTable(_ text: String) -> [[String]] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
        line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Undoes the kernel's `\040` for a blank (also tab, newline, backslash and `#`). What is no such escape stays.
func unescapingOctal(_ text: String) -> String {
    var rest = Array(text.utf8)[...]
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\\"), let value = octalByte(rest.prefix(3)) {
            bytes.append(value)
            rest = rest.dropFirst(3)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func octalByte(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.count == 3, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }) else {
        return nil
    }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
}
