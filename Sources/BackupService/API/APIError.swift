// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Why a request is refused before the service hears of it.
package enum APIError: Error, Equatable, CustomStringConvertible {
    case noSuchResource(path: String)
    case noSuchBackup(named: String)
    case noSuchVolume(named: String)
    case methodNotAllowed(String, allowed: [String])
    case unauthorized
    case forbidden(operation: String, needs: Access, has: Principal)
    case foreignOrigin(String)
    case wrongHost(String)

    case malformedVersion(String)
    case unsupportedVersion(String)

    case unsupportedMediaType(String)
    case encodedBody(String)
    case missingBody
    case malformedBody(JSONError)
    case missingMember(String)
    case unknownMember(String)
    case repeatedMember(String)
    case wrongType(member: String, expected: String)
    case badMember(String, reason: String)
    case tooLong(member: String, limit: Int)
    case unsupportedMember(String)
    case unknownAction(String)
    case nothingToChange

    case unknownParameter(String)
    case repeatedParameter(String)
    case badParameter(String, reason: String)

    case malformedKey
    case keyInProgress(String)

    case forceNeeded(volumeID: ResourceID, reason: String)
    case notReady(ReadinessError)

    package var description: String {
        switch self {
        case .noSuchResource(let path): "there is nothing at \(excerpt(path))"
        case .noSuchBackup(let name): "backup \(excerpt(name)) could not be found"
        case .noSuchVolume(let name): "volume \(excerpt(name)) could not be found"
        case .methodNotAllowed(let method, let allowed):
            "the method \(excerpt(method)) is not possible here, only \(allowed.joined(separator: ", ")) "
                + (allowed.count == 1 ? "is" : "are")
        case .unauthorized: "this needs the daemon's token, as X-Auth-Token: TOKEN or Authorization: Bearer TOKEN"
        case .forbidden(let operation, let needed, let principal):
            "the operation \(operation) needs \(needed.rawValue) access, and \(principal) has \(principal.access.rawValue) access: "
                + "the \(needed.rawValue) token is needed, or a listener that gives \(needed.rawValue) access"
        case .foreignOrigin(let origin):
            "a page from elsewhere (\(excerpt(origin))) may change nothing: api.allowed_origins says whose may"
        case .wrongHost(let host):
            "this is not \(excerpt(host)): api.allowed_hosts lists what the daemon is called, beside localhost and its "
                + "address"
        case .malformedVersion(let text):
            "OpenStack-API-Version must be \"volume MAJOR.MINOR\", not \"\(excerpt(text))\""
        case .unsupportedVersion(let text):
            "version \(excerpt(text)) is not supported, only \(Microversion.minimum) to \(Microversion.maximum) are"
        case .unsupportedMediaType(let type): "the body must be application/json, not \(excerpt(type))"
        case .encodedBody(let coding): "the body must be sent as it is, not with Content-Encoding \(excerpt(coding))"
        case .missingBody: "the request needs a body, which must be a JSON object"
        case .malformedBody(let error): "the body is not JSON: \(error)"
        case .missingMember(let member): "\"\(excerpt(member))\" is required"
        case .unknownMember(let member): "\"\(excerpt(member))\" is unknown here"
        case .repeatedMember(let member): "\"\(excerpt(member))\" is there twice"
        case .wrongType(let member, let expected): "\"\(excerpt(member))\" must be \(expected)"
        case .badMember(let member, let reason): "\"\(excerpt(member))\" \(reason)"
        case .tooLong(let member, let limit): "\"\(excerpt(member))\" is longer than \(limit) characters"
        case .unsupportedMember(let member):
            "\"\(excerpt(member))\" is not supported: it must be null, false or empty, or be left out"
        case .unknownAction(let action): "there is no action \"\(excerpt(action))\" here"
        case .nothingToChange:
            "at least one of the members that can be changed, such as name, must be there, and not null"
        case .unknownParameter(let name): "the query parameter \"\(excerpt(name))\" is unknown here"
        case .repeatedParameter(let name): "the query parameter \"\(excerpt(name))\" is there twice"
        case .badParameter(let name, let reason): "the query parameter \"\(excerpt(name))\" \(reason)"
        case .malformedKey: "Idempotency-Key must be 1 to 255 visible ASCII characters"
        case .keyInProgress(let key):
            "a request with the Idempotency-Key \(excerpt(key)) is being worked on: ask again for its answer"
        case .forceNeeded(let id, let reason):
            "Backing up an in-use volume must use the force flag. Volume \(id) is in use: \(reason)"
        case .notReady(let error): "\(error)"
        }
    }
}

/// What a client wrote, short enough to be repeated to it.
private func excerpt(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.count > 100 else { return text }
    return String(String.UnicodeScalarView(scalars.prefix(100))) + "…"
}
