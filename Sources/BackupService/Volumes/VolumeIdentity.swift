// SPDX-License-Identifier: Apache-2.0
import Posix

/// Which file or block device it is, whatever names lead to it.
enum VolumeIdentity: Hashable {
    case file(FileStatus.Identity)
    /// `7:3`, as sysfs and mountinfo write it.
    case device(String)

    init(_ status: FileStatus) {
        self =
            status.kind == .blockDevice ? .device(BlockDevice.numberText(status.device)) : .file(status.identity)
    }

    /// `7:3`; nil for a file.
    var device: String? {
        guard case .device(let device) = self else { return nil }
        return device
    }

    /// What `path`, which comes from the kernel, leads to; nil when there is nothing, as behind `/x (deleted)`.
    init?(at path: String) {
        guard let status = try? FileStatus(of: path, followingLink: true) else { return nil }
        self.init(status)
    }
}
