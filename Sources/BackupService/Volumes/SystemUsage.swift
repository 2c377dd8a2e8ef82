// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

/// Who uses files and block devices, as the kernel tells in /proc and /sys at one moment. Nothing is opened
/// exclusively to find out: that would make the use of others fail.
struct SystemUsage: Sendable {
    private let mounts: [Mount]
    private let mounted: MountedDevices
    private let swaps: [VolumeIdentity]
    private let locks: Set<FileLock>
    private let loops: [AttachedLoop]
    private let devices: DeviceTree
    /// Why nobody can know that a volume is free; nil when all was seen.
    private let blindness: String?

    /// - Parameter witness: A file that this process has locked: a /proc/locks that does not show that lock is not
    ///   to be believed.
    init(proc: KernelTree, sys: KernelTree, witness: FileStatus.Identity? = nil) {
        let mounts = Mount.all(inMountinfo: proc.text("self/mountinfo") ?? "")
        let locks = Set(FileLock.all(inLocks: proc.text("locks") ?? ""))
        self.mounts = mounts.map(\.withRealDevice)
        self.locks = locks
        mounted = MountedDevices(proc: proc, sys: sys, mounts: mounts)
        swaps = swapPaths(in: proc.text("swaps") ?? "").compactMap(VolumeIdentity.init(at:))
        loops = AttachedLoop.all(in: sys)
        devices = DeviceTree(sys: sys)
        // Some file systems have other numbers there than stat(2) gives.
        let isWitnessed = witness.map { node in locks.contains { $0.kind == .record && $0.inode == node.inode } }
        blindness =
            if mounts.isEmpty {
                "perhaps mounted: /proc/self/mountinfo tells nothing"
            } else if sys.names(in: "block").isEmpty {
                "perhaps attached to a loop device: /sys/block tells nothing"
            } else if isWitnessed == false {
                "perhaps locked: /proc/locks does not show the locks of this process"
            } else {
                nil
            }
    }

    /// - Parameters:
    ///   - node: The file itself, or a device's node in /dev: what locks are taken on.
    ///   - mountID: The mount in which that was found.
    func usage(of identity: VolumeIdentity, node: FileStatus.Identity?, mountID: Int? = nil) -> VolumeUsage {
        if let reason = reason(for: identity) { return .inUse(reason: reason) }
        if let node, isLocked(node, mountID, countingFlocks: identity == .file(node)) {
            return .inUse(reason: VolumeUsage.locked)
        }
        return blindness.map { .inUse(reason: $0) } ?? .free
    }

    /// Who has the same bytes: who uses the volume, a part of it, or what it is a part of.
    private func reason(for identity: VolumeIdentity) -> String? {
        let below = layers(below: identity)
        let own = Set(([identity] + below.map(\.identity)).compactMap(\.device))
        for part in [Layer(identity: identity, isWhole: true)] + below {
            if let reason = reason(for: part.identity, besides: own) { return reason }
            guard part.isWhole, let device = part.identity.device else { continue }
            for partition in devices.partitions(of: device) where !own.contains(partition) {
                if let reason = reason(for: .device(partition), besides: own) { return reason }
            }
        }
        return nil
    }

    /// What a volume lies on. Where it is only a part of that, the other parts do not matter.
    private struct Layer {
        let identity: VolumeIdentity
        let isWhole: Bool
    }

    /// The disk of a partition, the file or device behind a loop device, and so on to the ground.
    private func layers(below identity: VolumeIdentity) -> [Layer] {
        var layers: [Layer] = []
        var seen: Set<VolumeIdentity> = [identity]
        var top = identity
        while let device = top.device {
            let next: Layer
            if let disk = devices.disk(of: device) {
                next = Layer(identity: .device(disk), isWhole: false)
            } else if let loop = loops.first(where: { $0.device == device }) {
                next = Layer(identity: loop.backing, isWhole: true)
            } else {
                break
            }
            guard seen.insert(next.identity).inserted else { break }
            layers.append(next)
            top = next.identity
        }
        return layers
    }

    /// - Parameter own: The volume itself and what it lies on.
    private func reason(for identity: VolumeIdentity, besides own: Set<String>) -> String? {
        if let device = identity.device {
            if let mount = mounts.first(where: { $0.device == device }) { return "mounted on \(mount.mountPoint)" }
            if let holder = devices.holders(of: device).first { return "held by \(holder)" }
        }
        if let reason = mounted.reason(for: identity, name: identity.device.flatMap(devices.name)) { return reason }
        if swaps.contains(identity) { return "used as swap" }
        if let loop = loops.first(where: { $0.backing == identity && !own.contains($0.device) }) {
            return "attached to /dev/\(loop.name)"
        }
        return nil
    }

    /// qemu takes record locks on what its machines run on, devices too. flock(2) on a device is udev's, which holds
    /// it for moments whenever the device has changed: it says nothing.
    private func isLocked(_ node: FileStatus.Identity, _ mountID: Int?, countingFlocks: Bool) -> Bool {
        guard !isLockedByUs(node) else { return false }
        // On btrfs and overlayfs, stat(2) gives another number than /proc/locks, where the mount's stands.
        let mount = mounts.first { $0.id == mountID }
        let fileSystems = [BlockDevice.numberText(node.fileSystem), mount?.fileSystem]
        return locks.contains { lock in
            lock.inode == node.inode && fileSystems.contains(lock.fileSystem)
                && (countingFlocks || lock.kind == .record)
        }
    }

    /// Whether it is the target of a restore of ours: who has it locked exclusively has it alone.
    func isLockedByUs(_ node: FileStatus.Identity) -> Bool {
        locks.contains { lock in
            lock.kind == .flock && lock.isExclusive && lock.inode == node.inode && lock.owner == getpid()
        }
    }

    /// Where file systems are mounted that lie on the volume, however many layers above it.
    func mountPoints(on identity: VolumeIdentity) -> [String] {
        var found: Set<String> = []
        var waiting = layer(above: identity)
        if let device = identity.device { waiting.append(device) }
        while let device = waiting.popLast() {
            if found.insert(device).inserted { waiting += layer(above: .device(device)) }
        }
        return mounts.filter { found.contains($0.device) }.map(\.mountPoint)
    }

    private func layer(above identity: VolumeIdentity) -> [String] {
        let attached = loops.filter { $0.backing == identity }.map(\.device)
        guard let device = identity.device else { return attached }
        return attached + devices.layer(above: device) + mounted.companions(of: device)
    }
}

extension Mount {
    /// btrfs shows a device number that is no device's; its source tells which one it is.
    fileprivate var withRealDevice: Mount {
        guard device.hasPrefix("0:"), source.hasPrefix("/dev/"),
            case .device(let real)? = VolumeIdentity(at: source)
        else { return self }
        return Mount(
            id: id, device: real, fileSystem: fileSystem, root: root, mountPoint: mountPoint, source: source,
            type: type, options: options)
    }
}
