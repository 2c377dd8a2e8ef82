// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

extension PeerCredentials {
    static var ofThisProcess: PeerCredentials {
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return PeerCredentials(
            pid: UInt32(bitPattern: getpid()), uid: getuid(), gid: getgid(), groups: Array(groups.prefix(Int(count))))
    }
}
