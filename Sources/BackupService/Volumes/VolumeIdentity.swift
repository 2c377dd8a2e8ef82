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

    /// What `path`, which comes from the kernel, leads to; nil when there is nothing, as behind `/x (deleted)`, and when
    /// its disk does not answer: then the file is none of those that do.
    init?(at path: String) {
        let status = try? Self.patience.share(path, within: .seconds(1)) {
            try FileStatus(of: path, followingLink: true)
        }
        guard let status else { return nil }
        self.init(status)
    }

    /// A loop device over a file that is gone says nothing of the other volumes, and must not keep them waiting.
    private static let patience = {
        var limits = Patience.Limits()
        (limits.questions, limits.reserve) = (16, 0)
        return Patience(limits)
    }()
}
