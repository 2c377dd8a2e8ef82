// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

extension PeerCredentials {
    static var ofThisProcess: PeerCredentials {
        PeerCredentials(pid: UInt32(bitPattern: getpid()), uid: getuid(), gid: getgid())
    }
}
