// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc

/// What the process gives up, for good and by itself, whoever starts it.
package enum Confinement {
    /// No program that it might run has more rights than it has; its memory, with tokens and volumes in it, is written to
    /// no core file, and nobody but root can look into it: the kernel gives its files in /proc to root. What it opens
    /// in /proc/self is not affected. No descriptor outlives an exec. A sanitizer keeps its view of the process.
    /// - Returns: What the kernel refused.
    package static func begin() -> [any Error] {
        var errors: [any Error] = []
        func attempt(_ what: String, _ call: () -> Int32) {
            do { try systemCall("forbid", what, call) } catch { errors.append(error) }
        }
        attempt("new privileges", cposix_forbid_new_privileges)
        attempt("core files") {
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            return setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        }
        for descriptor in KernelTree.proc.names(in: "self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
            // Nobody knows what whoever started us has left open; one of them is closed by now, the directory itself.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        if cposix_is_sanitized() == 0 { attempt("dumps of its memory", cposix_forbid_dumps) }
        return errors
    }
}
