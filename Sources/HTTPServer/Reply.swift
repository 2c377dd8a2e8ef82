// SPDX-License-Identifier: Apache-2.0

/// What becomes of a request.
package enum Reply: Sendable {
    case response(Response)
    /// The response comes later, and nobody waits for it on a thread.
    case later(LaterReply)
    /// The body comes piece by piece, for as long as its owner wishes.
    case stream(StreamedReply)
    /// The body is made piece by piece, as the peer takes it.
    case pieces(PiecewiseReply)
}

extension Reply {
    /// Nobody is there to be answered any more.
    func abandon() {
        switch self {
        case .response, .pieces: break
        case .later(let later): later.end()
        case .stream(let stream): stream.end()
        }
    }
}
