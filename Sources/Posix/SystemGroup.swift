// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A group of the system's (group(5), or wherever nsswitch.conf(5) has it from).
package enum SystemGroup {
    /// The number of the group of this name, or of this number; nil when there is none.
    package static func id(of name: String) -> UInt32? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var room = 4 << 10
        while room <= 1 << 20 {
            var buffer = [CChar](repeating: 0, count: room)
            let error = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            if error != ERANGE { break }
            room *= 2
        }
        return found == nil ? UInt32(name) : entry.gr_gid
    }
}
