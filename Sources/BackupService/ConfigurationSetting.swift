// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Posix
import Yams

/// One value in the file, and how to name it in an error.
///
/// Types are taken from how the value is written, not guessed: `no` is a word where a word is wanted.
struct ConfigurationSetting {
    let file: String
    /// The dotted path of the key; empty at the top.
    let key: String
    /// The line of the key, from 1.
    let line: Int
    let node: Node

    func error(_ problem: ConfigurationError.Problem) -> ConfigurationError {
        .invalidValue(file: file, line: line, key: key.isEmpty ? "(top)" : key, problem: problem)
    }

    func dotted(_ child: String) -> String { key.isEmpty ? child : key + "." + child }

    func entry(_ name: Node, _ value: Node) -> ConfigurationSetting {
        ConfigurationSetting(
            file: file, key: dotted(name.scalar?.string ?? "?"), line: name.mark?.line ?? line, node: value)
    }

    /// Nothing, `~` or `null`, unquoted.
    var isNull: Bool { plain.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// The text of a value without quotes; nil for any other.
    private var plain: String? {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return nil }
        return scalar.string
    }

    // MARK: Types

    func section(_ known: [String]) throws(ConfigurationError) -> ConfigurationSection {
        try ConfigurationSection(self, known: known)
    }

    func integer(_ bounds: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let plain, Self.isDecimal(plain) else { throw error(.wrongType(expected: "a whole number")) }
        guard let value = Int(plain), bounds.contains(value) else {
            throw error(.outOfBounds(plain, least: bounds.lowerBound, most: bounds.upperBound))
        }
        return value
    }

    /// Seconds, also broken ones, rounded to milliseconds.
    func seconds(_ bounds: ClosedRange<Int>) throws(ConfigurationError) -> Duration {
        let parts = (plain ?? "").split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let plain, let whole = parts.first, Self.isDecimal(whole),
            parts.count == 1 || parts[1].utf8.allSatisfy(Self.isDigit), let value = Double(plain)
        else { throw error(.wrongType(expected: "a number of seconds")) }
        guard value >= Double(bounds.lowerBound), value <= Double(bounds.upperBound) else {
            throw error(.outOfBounds(plain, least: bounds.lowerBound, most: bounds.upperBound))
        }
        return .milliseconds(Int64((value * 1000).rounded()))
    }

    func boolean() throws(ConfigurationError) -> Bool {
        switch plain?.lowercased() {
        case "true": return true
        case "false": return false
        default: throw error(.wrongType(expected: "true or false"))
        }
    }

    func text() throws(ConfigurationError) -> String {
        guard let scalar = node.scalar, !isNull, !scalar.string.isEmpty else {
            throw error(.wrongType(expected: "a text"))
        }
        guard scalar.string.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw error(.notPrintable)
        }
        return scalar.string
    }

    func absolutePath() throws(ConfigurationError) -> String {
        let path = try text()
        guard path.utf8.first == UInt8(ascii: "/") else { throw error(.notAbsolute(path)) }
        return path
    }

    func choice<Choice>() throws(ConfigurationError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let text = try text()
        guard let choice = Choice(rawValue: text) else {
            throw error(.unknownValue(text, allowed: Choice.allCases.map(\.rawValue)))
        }
        return choice
    }

    func compression() throws(ConfigurationError) -> Compression {
        let name = try text()
        guard let compression = Compression(named: name) else {
            let names = ["none", "off", "no", "zlib", "gzip", "bz2", "bzip2", "zstd"]
            throw error(.unknownValue(name, allowed: names))
        }
        return compression
    }

    func addresses() throws(ConfigurationError) -> [String] {
        var addresses: [String] = []
        for item in try items() { addresses.append(try item.address()) }
        guard !addresses.isEmpty else { throw error(.emptyList) }
        return addresses
    }

    private func address() throws(ConfigurationError) -> String {
        let text = try text()
        do {
            _ = try SocketAddress(parsing: text)
        } catch {
            throw self.error(.badAddress(text, reason: error.description))
        }
        return text
    }

    func paths() throws(ConfigurationError) -> [String] {
        var paths: [String] = []
        for item in try items() { paths.append(try item.absolutePath()) }
        return paths
    }

    private func items() throws(ConfigurationError) -> [ConfigurationSetting] {
        guard let sequence = node.sequence else { throw error(.wrongType(expected: "a list")) }
        return sequence.enumerated().map { index, item in
            ConfigurationSetting(file: file, key: "\(key)[\(index)]", line: item.mark?.line ?? line, node: item)
        }
    }

    // MARK: Digits

    /// A decimal number with an optional minus; no leading zero, which YAML takes for octal.
    private static func isDecimal(_ text: some StringProtocol) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy(isDigit) else { return false }
        return first != UInt8(ascii: "0") || digits.count == 1
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
