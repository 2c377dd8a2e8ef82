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

extension LockFile {
    /// Which file is locked.
    package func identity() throws -> FileStatus.Identity { try FileStatus(of: file).identity }
}

extension OpenFile {
    /// Keeps others from the file as long as this descriptor is open: those who ask by fcntl(2), as qemu does, and
    /// those who ask by flock(2).
    /// - Returns: the kinds of locks that the file system does not have.
    /// - Throws: `SystemCallError`, `isHeld` when another process has a lock.
    package func lockExclusively() throws -> [SystemCallError] {
        [try refusal { cposix_write_lock($0) }, try refusal { cposix_flock_exclusively($0) }].compactMap(\.self)
    }

    private func refusal(_ lock: (Int32) -> Int32) throws -> SystemCallError? {
        do {
            try systemCall("lock", path) { lock(descriptor) }
            return nil
        } catch let error as SystemCallError where error.isWithoutLocks {
            return error
        }
    }

    /// Whether some other process holds a lock on the file, as qemu does on the images it runs.
    package func isLockedByOthers() -> Bool {
        var locked: Int32 = 0
        return cposix_lock_holder(descriptor, &locked) == 0 && locked != 0
    }
}
