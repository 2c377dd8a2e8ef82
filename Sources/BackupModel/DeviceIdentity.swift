// SPDX-License-Identifier: Apache-2.0

/// What a block device is, whatever its number and the names that lead to it: what a reboot does not change.
package struct DeviceIdentity: Sendable, Equatable, Codable, CustomStringConvertible {
    /// Who gave the name.
    package enum Kind: String, Sendable, Codable {
        /// The device mapper's user: LVM, dm-crypt and multipath name each device once for all.
        case mapper = "dm"
        /// The disk itself.
        case wwid, serial
        /// A loop device is its file: the name is the path of that.
        case loop
    }

    /// The part of a file that a loop device shows. `file` is `8:1:1234`, file system and inode; nil where it could
    /// not be looked at.
    package struct Backing: Sendable, Equatable, Codable {
        package var file: File?
        package var offset: String
        package var limit: String

        package init(file: File?, offset: String, limit: String) {
            self.file = file
            self.offset = offset
            self.limit = limit
        }
    }

    package struct File: Sendable, Equatable, Codable {
        /// Device number of the file system, `8:1`; some have another one after each mount.
        package var fileSystem: String
        package var inode: UInt64

        package init(fileSystem: String, inode: UInt64) {
            self.fileSystem = fileSystem
            self.inode = inode
        }
    }

    package struct Partition: Sendable, Equatable, Codable {
        package var number: String
        package var uuid: String?

        package init(number: String, uuid: String?) {
            self.number = number
            self.uuid = uuid
        }
    }

    package var kind: Kind
    package var name: String
    package var backing: Backing?
    /// nil for a whole disk.
    package var partition: Partition?

    package init(_ kind: Kind, _ name: String, backing: Backing? = nil, partition: Partition? = nil) {
        self.kind = kind
        self.name = name
        self.backing = backing
        self.partition = partition
    }

    /// Whether both are one device.
    package func isSame(as other: DeviceIdentity) -> Bool {
        guard kind == other.kind, isSamePartition(as: other) else { return false }
        guard kind == .loop else { return name == other.name }
        guard backing?.offset == other.backing?.offset, backing?.limit == other.backing?.limit else { return false }
        guard let file = backing?.file, let otherFile = other.backing?.file else { return name == other.name }
        // The path may change, and so may the number of the file system, but not both at once.
        return file.inode == otherFile.inode && (name == other.name || file.fileSystem == otherFile.fileSystem)
    }

    private func isSamePartition(as other: DeviceIdentity) -> Bool {
        guard let uuid = partition?.uuid, let otherUUID = other.partition?.uuid else {
            return partition?.number == other.partition?.number
        }
        return uuid == otherUUID
    }

    /// `wwid naa.5000c500a1b2c3d4, partition 2`
    package var description: String {
        var text = "\(kind.rawValue) \(name)"
        if let backing {
            if let file = backing.file { text += " (inode \(file.inode) on \(file.fileSystem))" }
            if backing.offset != "0" { text += " from byte \(backing.offset)" }
            if backing.limit != "0" { text += " for \(backing.limit) bytes" }
        }
        if let partition { text += ", partition \(partition.number)" }
        return text
    }
}
