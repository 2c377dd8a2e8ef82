// SPDX-License-Identifier: Apache-2.0

/// One mounted file system.
struct Mount: Equatable {
    let id: Int
    /// `7:3`; of no block device (`0:47`) for btrfs, whose `source` tells.
    let device: String
    /// The number of the file system, which is that of the device or of none.
    let fileSystem: String
    /// What of the file system is mounted: `/`, or the directory that a bind mount shows.
    let root: String
    let mountPoint: String
    let source: String
    /// `ext4`, `devtmpfs`, `fuse.sshfs`.
    let type: String
    /// Of the file system: `logdev=/dev/sdc`.
    let options: [String]

    /// The mounts in the text of /proc/PID/mountinfo (proc_pid_mountinfo(5)). A line that is none is left out.
    static func all(inMountinfo text: String) -> [Mount] { kernelTable(text).compactMap(Mount.init) }

    /// `36 35 98:0 / /mnt/my\040disk rw,noatime master:1 - ext4 /dev/sdb rw`: any number of fields before the dash.
    private init?(_ fields: [String]) {
        guard fields.count > 6, let dash = fields[6...].firstIndex(of: "-") else { return nil }
        id = Int(fields[0]) ?? 0
        device = fields[2]
        fileSystem = fields[2]
        root = unescapingOctal(fields[3])
        mountPoint = unescapingOctal(fields[4])
        type = dash + 1 < fields.count ? fields[dash + 1] : ""
        source = dash + 2 < fields.count ? unescapingOctal(fields[dash + 2]) : ""
        let options = dash + 3 < fields.count ? fields[dash + 3].split(separator: ",") : []
        self.options = options.map { unescapingOctal(String($0)) }
    }

    init(
        id: Int = 0, device: String, fileSystem: String? = nil, root: String = "/", mountPoint: String, source: String,
        type: String = "", options: [String] = []
    ) {
        self.id = id
        self.device = device
        self.fileSystem = fileSystem ?? device
        self.root = root
        self.mountPoint = mountPoint
        self.source = source
        self.type = type
        self.options = options
    }

    /// Where a path below the mount point lies in the file system, whatever is mounted where; nil for other paths.
    func placeInFileSystem(of path: String) -> String? {
        guard isPath(path, under: mountPoint) else { return nil }
        let start = mountPoint == "/" ? 0 : mountPoint.utf8.count
        let rest = String(decoding: path.utf8.dropFirst(start), as: UTF8.self)
        if root == "/" { return rest.isEmpty ? "/" : rest }
        return rest == "/" ? root : root + rest
    }
}
