// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The process at the other end of a unix socket (SO_PEERCRED, unix(7)).
package struct PeerCredentials: Hashable, Sendable {
    package let pid: UInt32
    package let uid: UInt32
    package let gid: UInt32
    /// The supplementary ones (SO_PEERGROUPS); none where the kernel does not tell.
    package let groups: [UInt32]

    /// The user that this process acts as.
    package static var ownUser: UInt32 { geteuid() }

    package init(pid: UInt32, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }
}
