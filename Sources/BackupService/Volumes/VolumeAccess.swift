// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// How the daemon finds, checks and opens volumes. Every call looks anew: names, links and mounts change at any time.
package struct VolumeAccess: Sendable {
    let directory: String
    private let allowed: AllowedPaths
    private let proc: KernelTree
    private let sys: KernelTree

    /// - Parameter directory: `volumes.directory`, where the daemon's own files lie; volumes may always lie there.
    package init(
        directory: String, allowedPaths: [String], proc: KernelTree = .proc, sys: KernelTree = .sys
    ) {
        self.directory = directory
        allowed = AllowedPaths([directory] + allowedPaths)
        self.proc = proc
        self.sys = sys
    }

    /// What a path leads to that a client wants to register.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func resolve(source: String) throws -> ResolvedSource {
        let volume = try FoundVolume(source, under: allowed)
        return ResolvedSource(path: volume.path, device: volume.device, sizeBytes: try volume.sizeBytes())
    }

    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func openForReading(_ record: VolumeRecord) throws -> OpenFile {
        try find(record).openedForReading()
    }

    /// Opens for reading and writing a volume that nobody uses; while a device is open, nobody can mount it.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`, `.volumeInUse`
    package func openForWriting(_ record: VolumeRecord) throws -> OpenFile {
        let volume = try find(record)
        if case .inUse(let reason) = usage(of: volume, in: currentUsage()) {
            throw ServiceError.volumeInUse(record.id, reason: reason)
        }
        return try volume.openedForWriting(as: record.id)
    }

    /// The length as it is now.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    package func sizeBytes(_ record: VolumeRecord) throws -> Int64 { try find(record).sizeBytes() }

    private func find(_ record: VolumeRecord) throws -> FoundVolume {
        let volume = try FoundVolume(record.source, under: allowed)
        try volume.check(against: record)
        return volume
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

    func currentUsage() -> SystemUsage { SystemUsage(proc: proc, sys: sys) }

    func usage(of record: VolumeRecord, in current: SystemUsage) -> VolumeUsage {
        if let volume = try? find(record) { return usage(of: volume, in: current) }
        // The path leads elsewhere by now; the device is still known by its number.
        guard let identity = deviceIdentity(of: record) else { return .free }
        return current.usage(of: identity, node: nil)
    }

    private func usage(of volume: FoundVolume, in current: SystemUsage) -> VolumeUsage {
        let usage = current.usage(of: volume.identity, node: volume.node)
        // On btrfs and overlayfs, /proc/locks and stat(2) do not agree on the number of the file system.
        guard usage == .free, volume.device == nil, let file = try? volume.openedForReading(), file.isLockedByOthers()
        else { return usage }
        return .inUse(reason: "locked by another process")
    }

    private func deviceIdentity(of record: VolumeRecord) -> VolumeIdentity? {
        record.device.map { .device(BlockDevice.numberText($0)) }
    }

    /// Brings what was written to file systems on the volume down to it: to be called before a volume in use is read.
    /// - Returns: What failed, for the log; the backup is then as if the machine had lost power.
    package func synchronize(_ record: VolumeRecord) -> [String] {
        guard let identity = (try? find(record))?.identity ?? deviceIdentity(of: record) else { return [] }
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
