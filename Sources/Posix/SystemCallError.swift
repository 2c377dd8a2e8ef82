// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// A system call that failed: which one, on what, and why.
package struct SystemCallError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let subject: String
    package let errno: Errno

    package init(_ call: String, _ subject: String, _ errno: Errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// `cannot open /dev/vg0/db: No such file or directory (errno 2)`
    package var description: String { "cannot \(call) \(subject): \(errno) (errno \(errno.rawValue))" }
}
