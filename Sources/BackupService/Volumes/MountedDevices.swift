// SPDX-License-Identifier: Apache-2.0
import Posix

/// Devices that belong to a mounted file system without a line of their own in mountinfo.
struct MountedDevices {
    private let sys: KernelTree
    private let journals: Set<String>
    private let logs: [(device: VolumeIdentity, mountPoint: String)]
    private let btrfs: [(uuid: String, devices: Set<String>)]

    /// File systems that keep a directory per device under /sys/fs, in whatever mount namespace it is mounted.
    private static let fileSystems = ["ext4", "xfs", "f2fs", "erofs"]
    /// Options that name a device beside the one that is mounted.
    private static let logOptions = ["logdev=", "rtdev=", "jdev=", "journal_path="]

    init(proc: KernelTree, sys: KernelTree, mounts: [Mount]) {
        self.sys = sys
        journals = Set(proc.names(in: "fs/jbd2"))
        logs = mounts.flatMap { mount in
            mount.options.compactMap { option in
                guard let key = Self.logOptions.first(where: option.hasPrefix),
                    let device = VolumeIdentity(at: String(option.dropFirst(key.count)))
                else { return nil }
                return (device, mount.mountPoint)
            }
        }
        btrfs = sys.names(in: "fs/btrfs").map { uuid in
            let devices = sys.names(in: "fs/btrfs/\(uuid)/devices")
            return (uuid, Set(devices.compactMap { sys.text("fs/btrfs/\(uuid)/devices/\($0)/dev") }))
        }
    }

    /// Why a volume is in use; `name` is what the kernel calls a device: `dm-3`.
    func reason(for identity: VolumeIdentity, name: String?) -> String? {
        if let log = logs.first(where: { $0.device == identity }) {
            return "journal of what is mounted on \(log.mountPoint)"
        }
        if let group = btrfs.first(where: { group in identity.device.map(group.devices.contains) ?? false }) {
            return "part of the mounted btrfs \(group.uuid)"
        }
        guard let name else { return nil }
        // The journal inside of a file system is called `dm-3-8`, by its inode.
        if journals.contains(name) { return "journal of a mounted file system" }
        guard let kind = Self.fileSystems.first(where: { sys.contains("fs/\($0)/\(name)") }) else { return nil }
        return "mounted as \(kind) where this process does not see it"
    }

    /// All devices of the btrfs that the device is a part of.
    func companions(of device: String) -> Set<String> {
        btrfs.first { $0.devices.contains(device) }?.devices ?? []
    }
}
