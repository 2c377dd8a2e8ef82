// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// What stat(2) says of a file.
package struct FileStatus: Sendable {
    package enum Kind: Sendable { case file, directory, blockDevice, link, other }

    package let kind: Kind
    /// Bytes; 0 for a device (see `BlockDevice`).
    package let length: Int64
    /// Device number of a block device.
    package let device: UInt64
    /// Which file it is, whatever its name.
    package let identity: Identity
    /// Bytes on disk, fewer than `length` where there are holes.
    package let storedBytes: Int64
    package let owner: UInt32
    /// What the owner, the group and others may do; under an access control list no entry grants more than the group's.
    package let permissions: UInt32

    package struct Identity: Hashable, Sendable {
        package let fileSystem: UInt64
        package let inode: UInt64

        package init(fileSystem: UInt64, inode: UInt64) {
            self.fileSystem = fileSystem
            self.inode = inode
        }

        /// `8:1:1234`
        package var text: String { "\(BlockDevice.numberText(fileSystem)):\(inode)" }
    }

    private init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .directory
        case S_IFBLK: kind = .blockDevice
        case S_IFLNK: kind = .link
        default: kind = .other
        }
        length = Int64(status.st_size)
        device = UInt64(status.st_rdev)
        identity = Identity(fileSystem: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        storedBytes = Int64(status.st_blocks) * 512
        owner = status.st_uid
        permissions = UInt32(status.st_mode) & 0o7777
    }

    /// Of what is called `name` in an open directory, a link itself; nil where there is nothing.
    package init?(in directory: OpenFile, _ name: String) throws {
        var status = stat()
        do {
            try systemCall("stat", directory.path + "/" + name) {
                fstatat(directory.descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
            }
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
        self.init(status)
    }

    package init(of file: OpenFile) throws {
        var status = stat()
        try systemCall("stat", file.path) { fstat(file.descriptor, &status) }
        self.init(status)
    }

    /// A last component that is a link is followed only when asked to.
    package init(of path: String, followingLink: Bool) throws {
        var status = stat()
        try systemCall("stat", path) { followingLink ? stat(path, &status) : lstat(path, &status) }
        self.init(status)
    }

    /// Of what `name` is in an open directory: of the link where it is one.
    package init(of name: String, in directory: OpenFile) throws {
        var status = stat()
        try systemCall("stat", directory.path + "/" + name) {
            fstatat(directory.descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        self.init(status)
    }
}
