// SPDX-License-Identifier: Apache-2.0

/// A file system that is mounted on a directory until the last reference goes. Needs root.
package final class MountedDevice: Sendable {
    package let mountPoint: String
    private let device: LoopDevice  // detached only after it is unmounted

    package init(_ device: LoopDevice, partition: Int? = nil, on mountPoint: String) throws {
        try Shell.run("mount", device.path + (partition.map { "p\($0)" } ?? ""), mountPoint)
        self.device = device
        self.mountPoint = mountPoint
    }

    deinit { _ = try? Shell.run("umount", mountPoint) }
}
