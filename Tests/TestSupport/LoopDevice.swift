// SPDX-License-Identifier: Apache-2.0
import Posix

/// A loop device over an image file, detached when the last reference goes. Needs root.
package final class LoopDevice: Sendable {
    /// `/dev/loop3`
    package let path: String

    /// - Parameter withPartitions: whether it may have partitions, which are devices of their own.
    package init(over image: String, sectorBytes: Int = 512, withPartitions: Bool = false) throws {
        let size = "\(sectorBytes)"
        path =
            withPartitions
            ? try Shell.run("losetup", "--find", "--show", "--partscan", "--sector-size", size, image)
            : try Shell.run("losetup", "--find", "--show", "--sector-size", size, image)
    }

    deinit { _ = try? Shell.run("losetup", "--detach", path) }

    package func deviceNumber() throws -> UInt64 { try FileStatus(of: path, followingLink: true).device }
}
