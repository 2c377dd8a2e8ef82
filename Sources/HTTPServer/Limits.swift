// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// What one client, and all of them together, may cost.
package struct Limits: Sendable {
    package var requestLineBytes = 8 << 10
    /// All field lines of one request together, and all its trailer lines together.
    package var headerBytes = 32 << 10
    package var headerCount = 100
    package var bodyBytes = 1 << 20
    /// What the body of a request may have that needs more than others; nil where `bodyBytes` holds. It is asked when
    /// the head has arrived, on the server's queue, so it must not block.
    package var largerBodies: @Sendable (_ method: HTTPRequest.Method, _ path: String) -> Int? = { _, _ in nil }
    /// All chunk extensions of one request together: nobody needs them, and each is work.
    package var chunkExtensionBytes = 4 << 10

    /// At each listener. Beyond, the longest idle of those that nobody knows gives way.
    package var connections = 2048
    /// Of one user at each unix socket, root and the daemon's own excepted. None of one address: behind a proxy, and on
    /// loopback, everybody has the same.
    package var connectionsPerUser = 1024
    /// Descriptors that connections leave to all others; half of what there are where there are few.
    package var reservedDescriptors = 256
    /// New clients that are turned away and hear so at leisure; all others as far as that goes at once.
    package var lingeringRefusals = 16
    /// All that clients who are not known have sent and not taken; beyond, the longest idle of them gives way.
    package var strangersBytes = 16 << 20
    /// All requests that arrive or are being handled; beyond, more are 503.
    package var receivedBytes = 64 << 20
    /// All answers that wait to be taken; beyond, new requests are 503 before anything is done about them.
    package var answerBytes = 64 << 20
    /// Connections whose answer comes later or is a stream. The others are kept for who wants an answer at once.
    package var lastingReplies = 1536
    /// What the system may hold of a stream that is not taken; it doubles this (socket(7)).
    package var streamSendBufferBytes = 32 << 10
    /// Of requests that only look. Those whose disk does not answer among them, for a few seconds each.
    package var runningHandlers = 32
    /// Of requests that change something, which have their own, for they wait for the disk.
    package var changingHandlers = 16

    /// From the first byte of a request to the end of its head.
    package var headTimeout = Duration.seconds(10)
    /// From the end of the head to the end of the body.
    package var bodyTimeout = Duration.seconds(30)
    /// Between requests.
    package var idleTimeout = Duration.seconds(60)
    /// For the peer to take some more of an answer.
    package var writeTimeout = Duration.seconds(30)
    /// What is read of a peer after the last answer, and thrown away.
    package var lingerBytes = 4 << 20
    /// For the peer to close its end after the last answer.
    package var lingerTimeout = Duration.seconds(2)

    package init() {}
}

extension Limits {
    /// How many bytes the body of a request may have that begins with this line.
    func bodyBytes(after line: RequestLine) -> Int {
        largerBodies(line.method, String(RequestTarget.split(line.target.text).path)) ?? bodyBytes
    }

    /// How often deadlines are looked at: often enough for the shortest, and no more than a hundred times a second.
    var sweepInterval: Duration {
        let shortest = min(headTimeout, bodyTimeout, idleTimeout, writeTimeout, lingerTimeout)
        return min(max(shortest / 4, .milliseconds(10)), .seconds(1))
    }
}
