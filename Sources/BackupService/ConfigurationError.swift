// SPDX-License-Identifier: Apache-2.0

/// Why a configuration is refused.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    case unreadable(file: String, reason: String)
    /// No line where the parser does not know one.
    case invalidYAML(file: String, line: Int?, reason: String)
    /// `key` is the dotted path; `line` counts from 1.
    case invalidValue(file: String, line: Int, key: String, problem: Problem)

    /// What is wrong with one key or its value.
    package enum Problem: Equatable, Sendable {
        case unknownKey(known: [String])
        case duplicateKey
        case wrongType(expected: String)
        case unknownValue(String, allowed: [String])
        case outOfBounds(String, least: Int, most: Int)
        case emptyList
        case badAddress(String, reason: String)
        case onlyForUnixSockets(key: String)
        case badMode(String)
        case openToAll(address: String)
        case badHost(String)
        case badOrigin(String)
        case notAbsolute(String)
        case notPrintable
        case notMultiple(Int, of: String, Int)
        case memoryTooSmall(Int, needed: Int)
    }

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .invalidYAML(let file, let line?, let reason): "\(file):\(line): \(reason)"
        case .invalidYAML(let file, nil, let reason): "\(file): \(reason)"
        case .invalidValue(let file, let line, let key, let problem): "\(file):\(line): \(key): \(problem)"
        }
    }
}

extension ConfigurationError.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownKey(let known): "unknown key (known here: \(known.joined(separator: ", ")))"
        case .duplicateKey: "the key appears more than once"
        case .wrongType(let expected): "must be \(expected)"
        case .unknownValue(let value, let allowed):
            "\(value) is not one of \(allowed.joined(separator: ", "))"
        case .outOfBounds(let value, let least, let most): "\(value) is not between \(least) and \(most)"
        case .emptyList: "needs at least one entry"
        case .badAddress(let text, let reason): "\(text) is no address to listen on: \(reason)"
        case .onlyForUnixSockets(let key): "\(key) is for unix sockets"
        case .badMode(let text): "\(text) is not a mode of three or four octal digits, such as 0660"
        case .openToAll(let address):
            "\(address) would let in everybody who reaches it (auth: none); listen_insecure: true allows that"
        case .badHost(let text): "\(text) is not the name or address of a host, without a port"
        case .badOrigin(let text): "\(text) is not an origin, such as https://backups.example.org"
        case .notAbsolute(let path): "\(path) is not an absolute path"
        case .notPrintable: "holds a control character"
        case .notMultiple(let value, let name, let unit): "\(value) is not a multiple of \(name) (\(unit))"
        case .memoryTooSmall(let limit, let needed):
            "\(limit) is too small for two chunks per running job; \(needed) would do"
        }
    }
}
