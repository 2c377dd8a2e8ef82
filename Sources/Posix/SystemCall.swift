// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Runs one system call that answers -1 and `errno` on failure, again after EINTR.
/// - Throws: `SystemCallError` naming `call` and `subject`.
@discardableResult
package func systemCall<Result: SignedInteger>(
    _ call: String, _ subject: @autoclosure () -> String, _ body: () -> Result
) throws -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let error = Errno(rawValue: errno)
        if error != .interrupted { throw SystemCallError(call, subject(), error) }
    }
}
