// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// Why a request was answered by the server itself. Every refusal closes the connection: after a message whose end is
/// in doubt, the next byte could belong to anything (RFC 9112 §9.6, §11.2).
package enum Refusal: Error, Hashable, Sendable {
    case bareCarriageReturn
    case bareLineFeed
    case forbiddenByte(UInt8)
    case malformedRequestLine
    case malformedTarget
    case malformedHeader
    case foldedHeader
    case hostNotGivenOnce
    case malformedHost
    case malformedContentLength
    case conflictingFraming
    case transferEncodingInHTTP10
    case chunkedNotLast
    case malformedChunk
    case headTimedOut
    case bodyTimedOut
    case bodyTooLarge(limit: Int)
    case requestLineTooLong(limit: Int)
    case unmetExpectation
    case headersTooLarge(limit: Int)
    case tooManyHeaders(limit: Int)
    case unsupportedMethod
    case unsupportedTransferEncoding
    case unsupportedVersion
    case tooManyLastingReplies(limit: Int)
    case tooManyOfUser(UInt32, limit: Int)
    case noDescriptors
    case tooMuchReceived(limit: Int)
    case tooMuchToSend(limit: Int)
}

extension Refusal {
    package var status: HTTPResponse.Status {
        switch self {
        case .bareCarriageReturn, .bareLineFeed, .forbiddenByte, .malformedRequestLine, .malformedTarget,
            .malformedHeader, .foldedHeader, .hostNotGivenOnce, .malformedHost, .malformedContentLength,
            .conflictingFraming, .transferEncodingInHTTP10, .chunkedNotLast, .malformedChunk:
            .badRequest
        case .headTimedOut, .bodyTimedOut: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .requestLineTooLong: .uriTooLong
        case .unmetExpectation: .expectationFailed
        case .headersTooLarge, .tooManyHeaders: .requestHeaderFieldsTooLarge
        case .unsupportedMethod, .unsupportedTransferEncoding: .notImplemented
        case .unsupportedVersion: .httpVersionNotSupported
        case .tooManyLastingReplies, .tooManyOfUser, .noDescriptors, .tooMuchReceived, .tooMuchToSend:
            .serviceUnavailable
        }
    }

    /// Seconds until it is worth asking again (RFC 9110 §10.2.3); nil where asking again does not help.
    package var retryAfter: Int? {
        switch self {
        case .tooManyLastingReplies, .tooManyOfUser: 10
        case .noDescriptors: 5
        case .tooMuchReceived, .tooMuchToSend: 1
        default: nil
        }
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bareCarriageReturn: "a line contains a carriage return that is not followed by a line feed"
        case .bareLineFeed: "a line ends with a line feed without a carriage return"
        case .forbiddenByte(let byte): "the request contains the byte \(byte) where it is not allowed"
        case .malformedRequestLine: "the request line is not METHOD TARGET HTTP/1.1"
        case .malformedTarget: "the request target is neither a path nor an http URI"
        case .malformedHeader: "a header line is not NAME: VALUE"
        case .foldedHeader: "a header line is folded"
        case .hostNotGivenOnce: "the request needs exactly one Host header"
        case .malformedHost: "the Host header is not a host and a port"
        case .malformedContentLength: "Content-Length is not one decimal number"
        case .conflictingFraming: "the request has both Content-Length and Transfer-Encoding"
        case .transferEncodingInHTTP10: "HTTP/1.0 does not have Transfer-Encoding"
        case .chunkedNotLast: "the last transfer encoding is not chunked"
        case .malformedChunk: "the chunked body is malformed"
        case .headTimedOut: "the request line and headers did not arrive in time"
        case .bodyTimedOut: "the request body did not arrive in time"
        case .bodyTooLarge(let limit): "the request body is larger than \(limit) bytes"
        case .requestLineTooLong(let limit): "the request line is longer than \(limit) bytes"
        case .unmetExpectation: "the only expectation supported is 100-continue"
        case .headersTooLarge(let limit): "the headers are larger than \(limit) bytes"
        case .tooManyHeaders(let limit): "the request has more than \(limit) headers"
        case .unsupportedMethod: "the method CONNECT is not supported"
        case .unsupportedTransferEncoding: "the only transfer encoding supported is chunked"
        case .unsupportedVersion: "the only protocol versions supported are HTTP/1.1 and HTTP/1.0"
        case .tooManyLastingReplies(let limit): "\(limit) connections wait or are streamed to, and no more may"
        case .tooManyOfUser(let user, let limit): "\(limit) connections of uid \(user) are open, and no more may be"
        case .noDescriptors: "the daemon has too many files and connections open for another one"
        case .tooMuchReceived(let limit): "requests of more than \(limit >> 20) MiB would be in memory at once"
        case .tooMuchToSend(let limit): "answers of more than \(limit >> 20) MiB wait for their clients to take them"
        }
    }
}
