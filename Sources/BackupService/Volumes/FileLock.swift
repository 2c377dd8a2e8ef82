// SPDX-License-Identifier: Apache-2.0

/// A lock that a process holds on a file.
struct FileLock: Hashable {
    /// `flock` is flock(2); the two kinds of fcntl(2), POSIX and open file description, are `record`.
    enum Kind { case flock, record }

    let kind: Kind
    /// Device number of the file system, in decimal as everywhere else: `254:0`.
    let fileSystem: String
    let inode: UInt64
    /// Nobody else holds one on the same part of the file.
    let isExclusive: Bool
    /// The process; -1 for a lock of an open file description, which may have several.
    let owner: Int32

    /// The locks in the text of /proc/locks (proc_locks(5)). Leases are none, and who waits (`->`) holds nothing.
    static func all(inLocks text: String) -> [FileLock] { kernelTable(text).compactMap(FileLock.init) }

    /// `1: POSIX  ADVISORY  WRITE 28693 fe:00:16271985 1073741824 1073742335`, the device number in hexadecimal.
    private init?(_ fields: [String]) {
        guard fields.count > 5 else { return nil }
        switch fields[1] {
        case "POSIX", "OFDLCK": kind = .record
        case "FLOCK": kind = .flock
        default: return nil
        }
        let numbers = fields[5].split(separator: ":")
        guard numbers.count == 3, let major = UInt32(numbers[0], radix: 16), let minor = UInt32(numbers[1], radix: 16),
            let inode = UInt64(numbers[2])
        else { return nil }
        fileSystem = "\(major):\(minor)"
        self.inode = inode
        isExclusive = fields[3] == "WRITE"
        owner = Int32(fields[4]) ?? 0
    }

    init(_ kind: Kind, fileSystem: String, inode: UInt64, isExclusive: Bool, owner: Int32) {
        self.kind = kind
        self.fileSystem = fileSystem
        self.inode = inode
        self.isExclusive = isExclusive
        self.owner = owner
    }
}
