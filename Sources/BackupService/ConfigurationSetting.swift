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

    func listeners() throws(ConfigurationError) -> [Configuration.Listener] {
        let listeners = try list { item throws(ConfigurationError) in try item.listener() }
        guard !listeners.isEmpty else { throw error(.emptyList) }
        return listeners
    }

    /// An address, or a mapping with one.
    private func listener() throws(ConfigurationError) -> Configuration.Listener {
        guard node.mapping != nil else { return Configuration.Listener(try address()) }
        let section = try section(["address", "access", "group", "mode"])
        guard let address = section["address"] else { throw error(.wrongType(expected: "a mapping with an address")) }
        var listener = Configuration.Listener(try address.address())
        listener.access = try section["access"]?.access() ?? listener.access
        listener.group = try section["group"]?.text() ?? listener.group
        listener.mode = try section["mode"]?.mode() ?? listener.mode
        for key in ["group", "mode"] where !listener.address.hasPrefix("unix:") {
            if let setting = section[key] { throw setting.error(.onlyForUnixSockets(key: key)) }
        }
        return listener
    }

    private func access() throws(ConfigurationError) -> Access {
        let text = try text()
        guard let access = Access(rawValue: text), access != .nothing else {
            throw error(.unknownValue(text, allowed: [Access.full, .read].map(\.rawValue)))
        }
        return access
    }

    /// `0660`, quoted or not.
    private func mode() throws(ConfigurationError) -> UInt32 {
        let text = try text()
        let isOctal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        guard (3...4).contains(text.utf8.count), isOctal, let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            throw error(.badMode(text))
        }
        return mode
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

    func hosts() throws(ConfigurationError) -> [String] {
        try list { item throws(ConfigurationError) in
            let text = try item.text()
            // An IPv6 address stands in brackets, as in a URI.
            guard let authority = Authority(text), !authority.host.isEmpty, authority.port == nil, !text.hasSuffix(":"),
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
            else { throw item.error(.badHost(text)) }
            return text
        }
    }

    func origins() throws(ConfigurationError) -> [String] {
        try list { item throws(ConfigurationError) in
            let text = try item.text()
            guard Origin(text) != nil else { throw item.error(.badOrigin(text)) }
            return text
        }
    }

    func paths() throws(ConfigurationError) -> [String] {
        try list { item throws(ConfigurationError) in try item.absolutePath() }
    }

    private func list<Element>(
        _ read: (ConfigurationSetting) throws(ConfigurationError) -> Element
    ) throws(ConfigurationError) -> [Element] {
        var elements: [Element] = []
        for item in try items() { elements.append(try read(item)) }
        return elements
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
