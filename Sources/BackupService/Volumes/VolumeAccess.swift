// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// How the daemon finds, checks and opens volumes. Every call looks anew: names, links and mounts change at any time.
package struct VolumeAccess: Sendable {
    let directory: String
    private let allowed: AllowedPaths
    private let reserved: ReservedFiles
    private let proc: KernelTree
    private let sys: KernelTree
    private let identities: DeviceIdentities
    private let witness: FileStatus.Identity?
    let liveFiles = LiveFiles()

    /// - Parameters:
    ///   - directory: `volumes.directory`, where the daemon's own files lie; volumes may always lie there.
    ///   - reserved: What is no volume, wherever it lies.
    ///   - witness: A file that this process keeps locked, by which it sees that it sees locks.
    package init(
        directory: String, allowedPaths: [String], reserved: ReservedFiles = ReservedFiles(), proc: KernelTree = .proc,
        sys: KernelTree = .sys, udev: KernelTree = .udev, witness: FileStatus.Identity? = nil
    ) {
        self.directory = directory
        allowed = AllowedPaths([directory] + allowedPaths)
        self.reserved = reserved
        self.proc = proc
        self.sys = sys
        identities = DeviceIdentities(sys: sys, udev: udev)
        self.witness = witness
    }

    /// What a path leads to that a client wants to register.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func resolve(source: String) throws -> ResolvedSource {
        let volume = try found(source)
        return ResolvedSource(
            path: volume.path, device: volume.device, identity: volume.deviceIdentity,
            sizeBytes: try volume.sizeBytes())
    }

    /// The record with the number under which its device is found now, and what that is. A file is not looked at.
    /// - Throws: `ServiceError.pathNotAllowed`; `.badSource`, too, when it is not the device that was registered
    package func locate(_ record: VolumeRecord) throws -> VolumeRecord {
        guard record.device != nil else { return record }
        let volume = try find(record)
        var located = record
        located.device = volume.device
        located.identity = volume.deviceIdentity.map { record.identity?.seen(as: $0) ?? $0 }
        return located
    }

    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func openForReading(_ record: VolumeRecord) throws -> OpenFile {
        try find(record).openedForReading()
    }

    /// Opens for reading and writing a volume that nobody uses; while a device is open, nobody can mount it.
    /// A file is locked as long as what is returned is open.
    /// - Parameter remark: is told of locks that the file system does not have.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`, `.volumeInUse`, `.notWritable`
    package func openForWriting(
        _ record: VolumeRecord, remark: (String) -> Void = { _ in }
    ) throws -> OpenFile {
        let volume = try find(record)
        try volume.check(against: record.restoreFile)
        if case .inUse(let reason) = usage(of: volume, in: currentUsage()) {
            throw ServiceError.volumeInUse(record.id, reason: reason)
        }
        return try volume.openedForWriting(as: record.id, remark)
    }

    /// Makes sure that a restore to the volume may begin, as far as can be seen without opening it for that; a file of
    /// ours need not be there yet.
    /// - Returns: Which file it is, for `VolumeRecord.restoreFile`; nil for a device.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`, `.notWritable`
    package func checkTarget(_ record: VolumeRecord) throws -> String? {
        do {
            let volume = try find(record)
            try volume.checkWritable(as: record.id)
            return volume.device == nil ? volume.node.text : nil
        } catch ServiceError.badSource where record.isOwned {
            return nil
        }
    }

    /// The length as it is now.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func sizeBytes(_ record: VolumeRecord) throws -> Int64 { try find(record).sizeBytes() }

    func find(_ record: VolumeRecord) throws -> FoundVolume {
        let volume = try found(record.source)
        try volume.check(against: record)
        return volume
    }

    private func found(_ source: String) throws -> FoundVolume {
        try FoundVolume(source, under: allowed, besides: reserved, identities)
    }
}

extension DeviceIdentity {
    /// The identity of the same device as it looks now; udev may know less of it than before.
    fileprivate func seen(as now: DeviceIdentity) -> DeviceIdentity {
        var seen = now
        if seen.partition?.uuid == nil { seen.partition?.uuid = partition?.uuid }
        return seen
    }
}

// MARK: - Who else uses a volume

extension VolumeAccess {
    /// A volume that cannot be found is free: nobody uses it through us, and opening it will say what is wrong.
    package func usage(of record: VolumeRecord) -> VolumeUsage { usage(of: record, in: currentUsage()) }

    /// The same for many volumes at one look at the machine, in their order.
    package func usages(of records: [VolumeRecord]) -> [VolumeUsage] {
        let current = currentUsage()
        return records.map { usage(of: $0, in: current) }
    }

    func currentUsage() -> SystemUsage { SystemUsage(proc: proc, sys: sys, witness: witness) }

    func usage(of record: VolumeRecord, in current: SystemUsage) -> VolumeUsage {
        if let volume = try? find(record) { return usage(of: volume, in: current) }
        // The path leads elsewhere by now; the device may still be there under its number.
        guard let identity = numberedDevice(of: record) else { return .free }
        return current.usage(of: identity, node: nil)
    }

    private func usage(of volume: FoundVolume, in current: SystemUsage) -> VolumeUsage {
        let usage = current.usage(of: volume.identity, node: volume.node, mountID: volume.mountID)
        // The locks of other machines on a network file system are not in /proc/locks.
        guard usage == .free, volume.device == nil, !current.isLockedByUs(volume.node),
            let file = try? volume.openedForReading(), file.isLockedByOthers()
        else { return usage }
        return .inUse(reason: VolumeUsage.locked)
    }

    private func numberedDevice(of record: VolumeRecord) -> VolumeIdentity? {
        guard let number = record.device.map(BlockDevice.numberText) else { return nil }
        if let identity = record.identity {
            guard let now = identities.identity(of: number), identity.isSame(as: now) else { return nil }
        }
        return .device(number)
    }

    /// Brings what was written to file systems on the volume down to it: to be called before a volume in use is read.
    /// - Returns: What failed, for the log; the backup is then as if the machine had lost power.
    package func synchronize(_ record: VolumeRecord) -> [String] {
        guard let identity = (try? find(record))?.identity ?? numberedDevice(of: record) else { return [] }
        return currentUsage().mountPoints(on: identity).compactMap { mountPoint in
            do {
                try OpenFile.directory(mountPoint).synchronizeFileSystem()
                return nil
            } catch {
                return "\(error)"
            }
        }
    }
}
