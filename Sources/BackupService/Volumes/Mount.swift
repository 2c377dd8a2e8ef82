// SPDX-License-Identifier: Apache-2.0

/// One mounted file system.
struct Mount: Equatable {
    /// `7:3`; of no block device (`0:47`) for btrfs, whose `source` tells.
    let device: String
    let mountPoint: String
    let source: String

    /// The mounts in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). A line that is none is left out.
    static func all(inMountinfo text: String) -> [Mount] { kernelTable(text).compactMap(Mount.init) }

    /// `36 35 98:0 / /mnt/my\040disk rw,noatime master:1 - ext4 /dev/sdb rw`: any number of fields before the dash.
    private init?(_ fields: [String]) {
        guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-") else { return nil }
        device = fields[2]
        mountPoint = unescapingOctal(fields[4])
        source = dash + 2 < fields.count ? unescapingOctal(fields[dash + 2]) : ""
    }

    init(device: String, mountPoint: String, source: String) {
        self.device = device
        self.mountPoint = mountPoint
        self.source = source
    }
}
