// SPDX-License-Identifier: Apache-2.0

/// What the owner of a server says to a request whose head has arrived, before a byte of its body is read.
package enum Admission: Sendable {
    /// Somebody with rights asks. From now on the connection keeps its place whoever else comes.
    case known
    /// Anybody may ask this. The connection gives way when others need its place.
    case anyone
    /// The answer, at once. Nothing of a body is kept.
    case refused(Response)
}
