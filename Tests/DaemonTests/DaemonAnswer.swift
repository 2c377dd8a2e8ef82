// SPDX-License-Identifier: Apache-2.0
import BackupModel
import TestSupport

/// What the daemon answered.
struct DaemonAnswer: CustomStringConvertible {
    let status: Int
    /// null where there is no body.
    let json: JSONValue
    private let response: RawHTTPResponse

    init(_ response: RawHTTPResponse) throws {
        self.response = response
        status = response.status
        json = response.body.isEmpty ? .null : try JSONValue(parsing: response.body)
    }

    /// A header.
    subscript(name: String) -> String? { response[name] }

    /// The word for machines in an error.
    var reason: String? {
        guard case .object(let members) = json, members.count == 1 else { return nil }
        return members[0].value.text("reason")
    }

    /// The sentence for people in an error.
    var message: String? {
        guard case .object(let members) = json, members.count == 1 else { return nil }
        return members[0].value.text("message")
    }

    var description: String { "\(status) \(json.text)" }
}

extension JSONValue {
    /// The elements of an array member.
    func list(_ key: String) -> [JSONValue] {
        guard case .array(let elements)? = self[key: key] else { return [] }
        return elements
    }

    func double(_ key: String) -> Double? {
        switch self[key: key] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: nil
        }
    }
}
