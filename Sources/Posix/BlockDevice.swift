// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc

/// Facts about an open block device.
package struct BlockDevice: Sendable {
    package let bytes: Int64
    /// Reads and writes with O_DIRECT must be multiples of this.
    package let sectorBytes: Int

    package init(_ file: OpenFile) throws {
        var bytes: UInt64 = 0
        try systemCall("read the size of", file.path) { cposix_device_size(file.descriptor, &bytes) }
        var sector: UInt32 = 0
        try systemCall("read the sector size of", file.path) { cposix_device_sector_size(file.descriptor, &sector) }
        self.bytes = Int64(clamping: bytes)
        sectorBytes = max(512, Int(sector))
    }

    /// Whether the kernel lets nobody write to an open device, as with a write-protect switch.
    package static func isReadOnly(_ file: OpenFile) throws -> Bool {
        var isReadOnly: Int32 = 0
        try systemCall("read the state of", file.path) { cposix_device_read_only(file.descriptor, &isReadOnly) }
        return isReadOnly != 0
    }

    /// What is behind a loop device.
    package enum Backing: Equatable, Sendable {
        case file(FileStatus.Identity)
        /// By its number.
        case device(UInt64)
    }

    /// What is behind the loop device at `path`, also where no name leads to that; nil when it cannot be asked.
    package static func backing(ofLoop path: String) -> Backing? {
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK) else { return nil }
        var (fileSystem, inode, number): (UInt64, UInt64, UInt64) = (0, 0, 0)
        guard cposix_loop_backing(file.descriptor, &fileSystem, &inode, &number) == 0 else { return nil }
        return number == 0 ? .file(.init(fileSystem: fileSystem, inode: inode)) : .device(number)
    }

    /// `7:3`, as sysfs and mountinfo write a device number.
    package static func numberText(_ device: UInt64) -> String { "\(cposix_major(device)):\(cposix_minor(device))" }
}
