// SPDX-License-Identifier: Apache-2.0
import Posix

/// Who uses files and block devices, as the kernel tells in /proc and /sys at one moment. Nothing is opened
/// exclusively to find out: that would make the use of others fail.
struct SystemUsage: Sendable {
    private let mounts: [Mount]
    private let swaps: [VolumeIdentity]
    private let locks: Set<FileLock>
    private let loops: [AttachedLoop]
    private let devices: DeviceTree

    init(proc: KernelTree, sys: KernelTree) {
        mounts = Mount.all(inMountinfo: proc.text("self/mountinfo") ?? "").map(\.withRealDevice)
        swaps = swapPaths(in: proc.text("swaps") ?? "").compactMap(VolumeIdentity.init(at:))
        locks = Set(FileLock.all(inLocks: proc.text("locks") ?? ""))
        loops = AttachedLoop.all(in: sys)
        devices = DeviceTree(sys: sys)
    }

    /// - Parameter node: The file itself, or a device's node in /dev: what locks are taken on.
    func usage(of identity: VolumeIdentity, node: FileStatus.Identity?) -> VolumeUsage {
        for part in parts(of: identity) {
            if let reason = reason(for: part) { return .inUse(reason: reason) }
        }
        if let node, isLocked(node, countingFlocks: identity == .file(node)) {
            return .inUse(reason: "locked by another process")
        }
        return .free
    }

    /// The volume, and for a device its partitions and the disk that it is a partition of.
    private func parts(of identity: VolumeIdentity) -> [VolumeIdentity] {
        guard case .device(let device) = identity else { return [identity] }
        let disk = devices.disk(of: device).map { [$0] } ?? []
        return [identity] + (devices.partitions(of: device) + disk).map(VolumeIdentity.device)
    }

    private func reason(for identity: VolumeIdentity) -> String? {
        if case .device(let device) = identity {
            if let mount = mounts.first(where: { $0.device == device }) { return "mounted on \(mount.mountPoint)" }
            if let holder = devices.holders(of: device).first { return "held by \(holder)" }
        }
        if swaps.contains(identity) { return "used as swap" }
        if let loop = loops.first(where: { $0.backing == identity }) { return "attached to /dev/\(loop.name)" }
        return nil
    }

    /// qemu takes record locks on what its machines run on, devices too. flock(2) on a device is udev's, which holds
    /// it for moments whenever the device has changed: it says nothing.
    private func isLocked(_ node: FileStatus.Identity, countingFlocks: Bool) -> Bool {
        let fileSystem = BlockDevice.numberText(node.fileSystem)
        let kinds: [FileLock.Kind] = countingFlocks ? [.record, .flock] : [.record]
        return kinds.contains { locks.contains(FileLock($0, fileSystem: fileSystem, inode: node.inode)) }
    }

    /// Where file systems are mounted that lie on the volume, however many layers above it.
    func mountPoints(on identity: VolumeIdentity) -> [String] {
        var found: Set<String> = []
        var waiting = layer(above: identity)
        if case .device(let device) = identity { waiting.append(device) }
        while let device = waiting.popLast() {
            if found.insert(device).inserted { waiting += layer(above: .device(device)) }
        }
        return mounts.filter { found.contains($0.device) }.map(\.mountPoint)
    }

    private func layer(above identity: VolumeIdentity) -> [String] {
        let attached = loops.filter { $0.backing == identity }.map(\.device)
        guard case .device(let device) = identity else { return attached }
        return attached + devices.layer(above: device)
    }
}

extension Mount {
    /// btrfs shows a device number that is no device's; its source tells which one it is.
    fileprivate var withRealDevice: Mount {
        guard device.hasPrefix("0:"), source.hasPrefix("/dev/"),
            case .device(let real)? = VolumeIdentity(at: source)
        else { return self }
        return Mount(device: real, mountPoint: mountPoint, source: source)
    }
}
