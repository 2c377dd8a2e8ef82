// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Posix

/// A FUSE file system in memory, one directory of files, that stops answering when told to, like a network file system
/// whose server is gone. Calls that hang end when it answers again, when it is unmounted, or with their process.
package final class HangingFileSystem: Sendable {
    /// It needs root and /dev/fuse.
    package static let isPossible = isRoot && access("/dev/fuse", R_OK | W_OK) == 0

    package let mountPoint: String
    private let server: FileServer

    /// - Parameter owner: The user who has mounted it, as fusermount(1) says.
    package init(on mountPoint: String, files: [String: [UInt8]] = [:], owner: UInt32 = 0) throws {
        self.mountPoint = mountPoint
        let device = try systemCall("open", "/dev/fuse") { open("/dev/fuse", O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        server = FileServer(device, files)
        let options = "fd=\(device),rootmode=40000,user_id=\(owner),group_id=0,allow_other"
        try systemCall("mount", mountPoint) {
            mount("hanging", mountPoint, "fuse", UInt(MS_NOSUID | MS_NODEV), options)
        }
        Thread.detachNewThread { [server] in server.run() }
    }

    deinit { unmount() }

    package func path(_ name: String) -> String { mountPoint + "/" + name }

    package func hang() { server.hold() }

    /// Hangs as soon as somebody has read up to `offset` of a file.
    package func hang(afterReadingTo offset: Int) { server.hold(afterReadingTo: offset) }

    /// Whether it hangs, and somebody waits for it.
    package var isAwaited: Bool { server.isAwaited }

    package func answer() { server.goOn() }

    /// Also while it hangs: what waits for it fails.
    package func unmount() {
        umount2(mountPoint, Int32(MNT_DETACH))
        server.end()
    }
}
