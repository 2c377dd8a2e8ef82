// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// The version of the API that a client wants (`OpenStack-API-Version: volume 3.71`).
///
/// Answers have one shape, that of the maximum. The version decides which parameters a list knows, and whether an
/// unknown one is an error.
struct Microversion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    static let minimum = Microversion(major: 3, minor: 0)
    static let maximum = Microversion(major: 3, minor: 71)
    /// From here on Cinder refuses the filters it does not know; before it drops them.
    static let strictFilters = Microversion(major: 3, minor: 31)
    /// `name~=x`
    static let containsFilter = Microversion(major: 3, minor: 34)
    /// `sort=name`
    static let sortByName = Microversion(major: 3, minor: 37)
    /// `with_count=true`
    static let counts = Microversion(major: 3, minor: 45)

    static func < (a: Microversion, b: Microversion) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    var description: String { "\(major).\(minor)" }
}

extension Microversion {
    static let headerName = "OpenStack-API-Version"

    /// The version in the header, which may name versions of other services, too. Without one it is the minimum, as
    /// everywhere in OpenStack.
    init(_ headers: HTTPFields) throws(APIError) {
        guard let header = headers.value(of: Self.headerName) else {
            self = .minimum
            return
        }
        for part in header.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count == 2 else { throw .malformedVersion(header) }
            if words[0].lowercased() == "volume" {
                self = try Self.parse(words[1])
                return
            }
        }
        self = .minimum
    }

    /// What the answer to a request with these headers says it is an answer of: the version that was asked for, and the
    /// maximum where that is none.
    init(answering headers: HTTPFields) {
        self = (try? Microversion(headers)) ?? .maximum
    }

    private static func parse(_ text: Substring) throws(APIError) -> Microversion {
        if text.lowercased() == "latest" { return .maximum }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = number(parts[0]), let minor = number(parts[1]) else {
            throw .malformedVersion(String(text))
        }
        let version = Microversion(major: major, minor: minor)
        guard (minimum...maximum).contains(version) else { throw .unsupportedVersion(String(text)) }
        return version
    }

    /// One to nine digits, without a zero in front.
    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return text.hasPrefix("0") && text != "0" ? nil : Int(text)
    }
}

extension HTTPFields {
    /// All values of this name, joined by commas; nil without any.
    func value(of name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }

    /// - Precondition: `name` is a token (RFC 9110 §5.6.2); ours are.
    mutating func set(_ name: String, _ value: String) {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        self[name] = value
    }
}
