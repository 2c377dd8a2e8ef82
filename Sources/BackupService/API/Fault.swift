// SPDX-License-Identifier: Apache-2.0
import BackupModel
import HTTPTypes

/// An error as a client sees it, in Cinder's shape: `{"itemNotFound": {"code": 404, "message": …, "reason": …}}`.
package struct Fault: Sendable, Equatable {
    package let status: Int
    /// A stable word for programs (docs/api.md, "Errors").
    package let reason: String
    /// A sentence for people.
    package let message: String
    package var headers: HTTPFields = [:]

    init(_ status: Int, _ reason: String, _ message: String) {
        self.status = status
        self.reason = reason
        self.message = message
    }

    var json: JSONValue {
        [Self.key(of: status): ["code": JSONValue(status), "message": .string(message), "reason": .string(reason)]]
    }

    /// The name that Cinder gives the error object; clients look at what is inside.
    static func key(of status: Int) -> String {
        switch status {
        case 400: "badRequest"
        case 401: "unauthorized"
        case 403: "forbidden"
        case 404: "itemNotFound"
        case 405: "badMethod"
        case 409: "conflictingRequest"
        case 413: "overLimit"
        case 415: "badMediaType"
        case 501: "notImplemented"
        case 503: "serviceUnavailable"
        default: "computeFault"
        }
    }
}
