// SPDX-License-Identifier: Apache-2.0
import CPosix

/// What kind of file system it is, by the number that the kernel gives each (statfs(2), `f_type`).
package struct FileSystemType: Hashable, Sendable {
    package let number: UInt32

    package init(number: UInt32) { self.number = number }

    /// Of the file system that holds `file`.
    package init(holding file: OpenFile) throws {
        var number: UInt32 = 0
        try systemCall("stat the file system of", file.path) { cposix_file_system_type(file.descriptor, &number) }
        self.init(number: number)
    }

    /// ext2 and ext3 have the same number, and the same driver.
    package static let ext4 = FileSystemType(number: 0xef53)
    package static let xfs = FileSystemType(number: 0x5846_5342)
    package static let btrfs = FileSystemType(number: 0x9123_683e)
    package static let f2fs = FileSystemType(number: 0xf2f5_2010)
    package static let tmpfs = FileSystemType(number: 0x0102_1994)
    package static let fuse = FileSystemType(number: 0x6573_5546)
    package static let overlay = FileSystemType(number: 0x794c_7630)
    package static let nfs = FileSystemType(number: 0x6969)
}
