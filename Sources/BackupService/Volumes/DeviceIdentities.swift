// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// What the kernel and udev know of block devices beside their numbers.
struct DeviceIdentities: Sendable {
    let sys: KernelTree
    let udev: KernelTree

    /// nil for a device of which nothing is known that would outlast a reboot: it is its number.
    /// - Parameter device: `7:3`
    func identity(of device: String) -> DeviceIdentity? {
        let disk = DeviceTree(sys: sys).disk(of: device)
        guard var identity = identity(ofDisk: disk ?? device) else { return nil }
        if disk != nil { identity.partition = partition(device) }
        return identity
    }

    /// The device mapper's name first: what it makes passes on what the disks below say.
    private func identity(ofDisk device: String) -> DeviceIdentity? {
        if let name = attribute("dm/uuid", of: device) { return DeviceIdentity(.mapper, name) }
        if let loop = loop(device) { return loop }
        if let name = attribute("wwid", of: device) ?? attribute("device/wwid", of: device) {
            return DeviceIdentity(.wwid, name)
        }
        let serial = attribute("serial", of: device) ?? attribute("device/serial", of: device)
        return (serial ?? property(["ID_SERIAL", "MD_UUID"], of: device)).map { DeviceIdentity(.serial, $0) }
    }

    private func loop(_ device: String) -> DeviceIdentity? {
        guard let path = sys.text("dev/block/\(device)/loop/backing_file"), !path.isEmpty else { return nil }
        var identity = DeviceIdentity(.loop, path)
        var file: DeviceIdentity.File?
        switch VolumeIdentity(at: path) {
        case .file(let found)?:
            file = .init(fileSystem: BlockDevice.numberText(found.fileSystem), inode: found.inode)
        // The path in /dev is no more than a number. The kernel lets loop devices lie on one another, but in no circle.
        case .device(let below)?: identity.name = self.identity(of: below)?.description ?? path
        case nil: break
        }
        identity.backing = DeviceIdentity.Backing(
            file: file, offset: attribute("loop/offset", of: device) ?? "0",
            limit: attribute("loop/sizelimit", of: device) ?? "0")
        return identity
    }

    private func partition(_ device: String) -> DeviceIdentity.Partition {
        DeviceIdentity.Partition(
            number: attribute("partition", of: device) ?? "", uuid: property(["ID_PART_ENTRY_UUID"], of: device))
    }

    /// A file of sysfs that says something.
    private func attribute(_ name: String, of device: String) -> String? {
        let text = sys.text("dev/block/\(device)/\(name)")?.withoutOuterBlanks
        return text?.isEmpty == false ? text : nil
    }

    /// The first of these that udev's database has: `E:ID_SERIAL=…`.
    private func property(_ names: [String], of device: String) -> String? {
        guard let lines = udev.text("b\(device)")?.split(separator: "\n") else { return nil }
        return names.lazy.compactMap { name in
            lines.first { $0.hasPrefix("E:\(name)=") }.map { String($0.dropFirst(name.count + 3)) }
        }.first { !$0.isEmpty }
    }
}
