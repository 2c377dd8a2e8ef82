// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How many descriptors the process may have open (getrlimit(2), RLIMIT_NOFILE).
package enum DescriptorLimit {
    /// The limit that holds now.
    package static func current() throws -> UInt64 {
        var limit = rlimit()
        try systemCall("read", "the limit of open files") {
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return UInt64(limit.rlim_cur)
    }

    /// Raises the soft limit to `count`, or as far as the hard one lets it. Returns the limit that holds then.
    @discardableResult
    package static func raise(to count: UInt64) throws -> UInt64 {
        var limit = rlimit()
        try systemCall("read", "the limit of open files") {
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let wanted = min(count, UInt64(limit.rlim_max))
        guard UInt64(limit.rlim_cur) < wanted else { return UInt64(limit.rlim_cur) }
        limit.rlim_cur = rlim_t(wanted)
        try systemCall("raise", "the limit of open files") {
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return wanted
    }
}
