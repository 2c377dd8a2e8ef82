// SPDX-License-Identifier: Apache-2.0
import Posix

/// By which calls what was written gets to stable storage, and the writer hears of what did not.
package enum Durability: Sendable {
    /// One syncfs(2) at the end: it waits for all that was written, the names too, and tells of every error since the
    /// descriptor was opened.
    case together
    /// An fsync(2) of each object before it counts as stored, and of each directory at the end.
    case oneByOne
}

extension Durability {
    /// Where syncfs(2) does what it says. On others it may do nothing and answer 0: FUSE does not ask its server, and an
    /// overlayfs does not hear of the errors of what lies below it.
    private static let trusted: Set<FileSystemType> = [.ext4, .xfs, .btrfs, .f2fs, .tmpfs]
    /// Before that, syncfs(2) told of no error in writing back.
    private static let firstKernel = KernelVersion(5, 8)

    /// For what is in an open directory. Whatever cannot be found out is not trusted.
    package init(in directory: OpenFile) {
        self.init(on: try? FileSystemType(holding: directory), under: KernelVersion.running)
    }

    package init(on fileSystem: FileSystemType?, under kernel: KernelVersion?) {
        guard let fileSystem, let kernel, Self.trusted.contains(fileSystem), kernel >= Self.firstKernel else {
            self = .oneByOne
            return
        }
        self = .together
    }
}
