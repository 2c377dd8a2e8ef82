// SPDX-License-Identifier: Apache-2.0

/// Something that is mounted on a directory until the last reference goes. Needs root.
package final class Mount: Sendable {
    package let mountPoint: String

    /// - Parameter arguments: of mount(8), without the mount point.
    package init(_ arguments: [String], on mountPoint: String) throws {
        try Shell.run("mount", arguments + [mountPoint])
        self.mountPoint = mountPoint
    }

    deinit { _ = try? Shell.run("umount", "--lazy", mountPoint) }

    package static func tmpfs(_ options: String, on mountPoint: String) throws -> Mount {
        try Mount(["-t", "tmpfs", "-o", options, "tmpfs"], on: mountPoint)
    }

    /// The directory itself, so that nothing can be written to it.
    package static func readOnly(_ directory: String) throws -> Mount {
        let mount = try Mount(["--bind", directory], on: directory)
        try Shell.run("mount", "-o", "remount,bind,ro", directory)
        return mount
    }
}
