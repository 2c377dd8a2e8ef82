// SPDX-License-Identifier: Apache-2.0
import Foundation
import Posix
import TestSupport

/// A copy of /proc and /sys that a test has made up.
struct MachineCopy {
    let proc: KernelTree
    let sys: KernelTree
    let udev: KernelTree
    private let directory: TemporaryDirectory

    /// A machine with a root file system and a disk that nobody uses, and with `files` beside.
    init(_ files: [String: String] = [:]) throws {
        let usual = [
            "proc/self/mountinfo": "1 0 0:2 / / rw - rootfs rootfs rw\n", "proc/locks": "",
            "sys/block/sdz/dev": "65:144\n",
        ]
        try self.init(exactly: files.merging(usual) { mine, _ in mine })
    }

    /// A machine that shows these files and nothing else.
    init(exactly files: [String: String]) throws {
        directory = try TemporaryDirectory()
        for (name, text) in files {
            let url = URL(fileURLWithPath: directory.path(name))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        proc = KernelTree(directory.path("proc"))
        sys = KernelTree(directory.path("sys"))
        udev = KernelTree(directory.path("udev"))
    }
}
