// SPDX-License-Identifier: Apache-2.0
import HTTPTypes

/// A response (200) whose body is made while it is sent: each piece when the peer has taken the one before, so that
/// however long it is, one piece is in memory.
///
/// The connection stays open afterwards where the client wishes. A peer that goes away, or is too slow, is the end of it.
package struct PiecewiseReply: Sendable {
    let headers: HTTPFields
    /// A handler like any other: it may block. nil is the end; an error cuts the connection, which is how a client learns
    /// in the middle of a body that there will be no end.
    let next: @Sendable () throws -> [UInt8]?

    package init(headers: HTTPFields = [:], next: @escaping @Sendable () throws -> [UInt8]?) {
        self.headers = headers
        self.next = next
    }
}
