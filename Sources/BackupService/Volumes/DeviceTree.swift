// SPDX-License-Identifier: Apache-2.0
import Posix

/// How block devices lie on one another, from /sys/dev/block. Devices are numbers: `7:3`.
struct DeviceTree {
    let sys: KernelTree

    func partitions(of device: String) -> [String] {
        let directory = "dev/block/\(device)"
        return sys.names(in: directory).filter { sys.contains("\(directory)/\($0)/partition") }
            .compactMap { sys.text("\(directory)/\($0)/dev") }
    }

    /// The disk that a partition is a part of; nil for a whole disk.
    func disk(of device: String) -> String? {
        guard sys.contains("dev/block/\(device)/partition") else { return nil }
        return sys.text("dev/block/\(device)/../dev")
    }

    /// Names of the devices that are made of this one, as `dm-3`.
    func holders(of device: String) -> [String] { sys.names(in: "dev/block/\(device)/holders") }

    /// Everything that lies above: partitions, and what is made of them or of the device.
    func layer(above device: String) -> [String] {
        partitions(of: device) + holders(of: device).compactMap { sys.text("dev/block/\(device)/holders/\($0)/dev") }
    }

    /// What the kernel calls the device in the names of other things: `dm-3`, and `cciss!c0d0` for `cciss/c0d0`.
    func name(of device: String) -> String? {
        let line = sys.text("dev/block/\(device)/uevent")?.split(separator: "\n").first { $0.hasPrefix("DEVNAME=") }
        return line.map { String($0.dropFirst("DEVNAME=".count)).replacing("/", with: "!") }
    }
}
