// SPDX-License-Identifier: Apache-2.0

package enum RawHTTPError: Error, Equatable {
    /// The server closed the connection in the middle of a response, or before it.
    case closed(after: Int)
    case timedOut
    case malformed(String)
}
