// SPDX-License-Identifier: Apache-2.0
import Glibc

/// How full a file system is, in bytes (statvfs(3)).
package struct FileSystemSpace: Sendable, Equatable {
    package let used: Int64
    /// What this process may still take: less than what is free where root has a reserve.
    package let free: Int64

    package init(used: Int64, free: Int64) {
        self.used = used
        self.free = free
    }

    /// Of the file system that holds `file`.
    package init(holding file: OpenFile) throws {
        var status = statvfs()
        try systemCall("stat the file system of", file.path) { fstatvfs(file.descriptor, &status) }
        let blockBytes = UInt64(status.f_frsize)
        used = Self.bytes(UInt64(status.f_blocks) - min(UInt64(status.f_bfree), UInt64(status.f_blocks)), blockBytes)
        free = Self.bytes(UInt64(status.f_bavail), blockBytes)
    }

    /// File systems over the network say what they like.
    private static func bytes(_ blocks: UInt64, _ blockBytes: UInt64) -> Int64 {
        let (bytes, overflow) = blocks.multipliedReportingOverflow(by: blockBytes)
        return overflow ? .max : Int64(clamping: bytes)
    }
}
