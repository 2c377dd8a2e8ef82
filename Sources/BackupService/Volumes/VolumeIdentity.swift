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

    /// What is behind the loop device at `path`; nil when that is not the device with this number, or cannot be asked.
    init?(behind path: String, _ number: String) {
        guard VolumeIdentity(at: path) == .device(number) else { return nil }
        switch BlockDevice.backing(ofLoop: path) {
        case .file(let identity)?: self = .file(identity)
        case .device(let number)?: self = .device(BlockDevice.numberText(number))
        case nil: return nil
        }
    }

    /// `7:3`; nil for a file.
    var device: String? {
        guard case .device(let device) = self else { return nil }
        return device
    }

    /// What `path`, which comes from the kernel, leads to; nil when there is nothing, as behind `/x (deleted)`, and when
    /// its disk does not answer: then the file is none of those that do.
    init?(at path: String) {
        let status = try? Patience.ofPaths.share(path, within: .seconds(1)) {
            try FileStatus(of: path, followingLink: true)
        }
        guard let status else { return nil }
        self.init(status)
    }
}
