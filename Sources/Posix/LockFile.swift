// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// A lock that the kernel frees when its owner goes, however it goes (open file description lock, fcntl(2)).
package final class LockFile: Sendable {
    private let file: OpenFile

    /// The call that errors name when the file was opened and could not be locked.
    package static let call = "lock"

    /// nil when another process holds the lock.
    package convenience init?(_ path: String) throws {
        try self.init(OpenFile(path, O_RDWR | O_CREAT, mode: 0o600))
    }

    /// The same for a file in `directory`.
    package convenience init?(in directory: OpenFile, _ name: String) throws {
        try self.init(OpenFile(in: directory, name, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o660))
    }

    private init?(_ file: OpenFile) throws {
        self.file = file
        do {
            try systemCall(Self.call, file.path) { cposix_write_lock(file.descriptor) }
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
