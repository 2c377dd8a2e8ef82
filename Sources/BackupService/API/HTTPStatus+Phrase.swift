// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

extension HTTPResponse.Status {
    /// With the phrase that belongs to it: `HTTP/1.1 202 Accepted`. A number alone has none.
    init(withPhrase code: Int) {
        self = Self.phrased.first { $0.code == code } ?? Self(code: code)
    }

    private static let phrased: [HTTPResponse.Status] = [
        .ok, .created, .accepted, .noContent, .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed,
        .notAcceptable, .requestTimeout, .conflict, .contentTooLarge, .uriTooLong, .unsupportedMediaType,
        .expectationFailed, .misdirectedRequest, .unprocessableContent, .tooManyRequests,
        .requestHeaderFieldsTooLarge, .internalServerError, .notImplemented,
        .serviceUnavailable,
        .httpVersionNotSupported,
    ]
}
