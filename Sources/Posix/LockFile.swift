// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// A lock that the kernel frees when its owner goes, however it goes (open file description lock, fcntl(2)).
package final class LockFile: Sendable {
    private let file: OpenFile

    /// nil when another process holds the lock.
    package init?(_ path: String) throws {
        file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o600)
        do {
            try systemCall("lock", path) { cposix_write_lock(file.descriptor) }
        } catch let error as SystemCallError where error.errno == .resourceTemporarilyUnavailable {
            return nil
        }
    }
}

extension OpenFile {
    /// Whether some other process holds a lock on the file, as qemu does on the images it runs.
    package func isLockedByOthers() -> Bool {
        var locked: Int32 = 0
        return cposix_lock_holder(descriptor, &locked) == 0 && locked != 0
    }
}
