// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// A volume that was found under an allowed path and has not been opened: what is checked here and what is opened
/// later are the same, whatever happens to the names.
struct FoundVolume {
    private let source: String
    private let file: OpenFile
    private let status: FileStatus
    private let identities: DeviceIdentities
    /// What a device is; nil for a file, and for a device that nothing but its number tells from others.
    let deviceIdentity: DeviceIdentity?

    /// The last component may be a link only to a block device, and only where root alone makes links: /dev/vg0/db is
    /// one to /dev/dm-3.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    init(
        _ source: String, under allowed: AllowedPaths, besides reserved: ReservedFiles, _ identities: DeviceIdentities
    ) throws {
        let path = try SourcePath(source)
        self.source = source
        self.identities = identities
        let directory = try naming(source) { try allowed.directory(of: path) }
        (file, status) = try naming(source) {
            let file = try directory.finding(path.name, followingLink: false)
            let status = try FileStatus(of: file)
            guard status.kind == .link else { return (file, status) }
            let target = try directory.finding(path.name, followingLink: true)
            let targetStatus = try FileStatus(of: target)
            guard targetStatus.kind == .blockDevice else {
                throw ServiceError.badSource(source, reason: "it is a link, and not one to a block device")
            }
            let links = try LinkWalk(from: path.name, in: directory)
            guard links.end == targetStatus.identity else {
                throw ServiceError.badSource(source, reason: "it is a link that changes")
            }
            if let place = links.places.first(where: { !$0.isForRootAlone }) {
                let path = (try? place.currentPath()) ?? place.path
                throw ServiceError.badSource(
                    source, reason: "it is a link to a block device, and not root alone makes links in \(path)")
            }
            return (target, targetStatus)
        }
        deviceIdentity = status.deviceText.flatMap(identities.identity)
        try checkKind()
        guard !reserved.hold(status, in: directory) else {
            throw ServiceError.badSource(source, reason: "it is one of the daemon's own files")
        }
    }

    private func checkKind() throws {
        switch status.kind {
        case .file, .blockDevice: return
        case .directory: throw ServiceError.badSource(source, reason: "it is a directory")
        case .link, .other:
            throw ServiceError.badSource(source, reason: "it is neither a regular file nor a block device")
        }
    }

    /// The resolved directory and the last component as it was named.
    var path: String { file.path }
    /// Device number; nil for a file.
    var device: UInt64? { status.kind == .blockDevice ? status.device : nil }
    var identity: VolumeIdentity { VolumeIdentity(status) }
    var mountID: Int? { file.mountID }
    /// The file, or the device's node in /dev: what locks are taken on.
    var node: FileStatus.Identity { status.identity }

    /// Makes sure that this is what was registered: a file, or that device, whatever number it has by now. A device
    /// whose identity is not known is the one with its number.
    func check(against record: VolumeRecord) throws {
        switch (record.device, device) {
        case (nil, nil): return
        case (nil, _): throw ServiceError.badSource(source, reason: "it was a file, and is now a block device")
        case (_, nil): throw ServiceError.badSource(source, reason: "it was a block device, and is now a file")
        case (let old?, let new?): try check(record.identity, old, deviceIdentity, new)
        }
    }

    private func check(_ old: DeviceIdentity?, _ oldNumber: UInt64, _ new: DeviceIdentity?, _ number: UInt64) throws {
        let isSame = old.map { old in new.map(old.isSame) ?? false } ?? (oldNumber == number)
        guard !isSame else { return }
        var (oldText, text) = (BlockDevice.numberText(oldNumber), BlockDevice.numberText(number))
        if let old {
            oldText += ", \(old)"
            text += new.map { ", \($0)" } ?? ", of which nothing is known"
        }
        throw ServiceError.badSource(source, reason: "it is now another device (\(text) instead of \(oldText))")
    }

    /// Makes sure that a file is still the one for which a restore was taken in: `8:1:1234`.
    func check(against restoreFile: String?) throws {
        guard let restoreFile, device == nil, restoreFile != node.text else { return }
        throw ServiceError.badSource(
            source, reason: "it is another file than when the restore was asked for (\(node.text), not \(restoreFile))")
    }

    func openedForReading() throws -> OpenFile {
        try naming(source) { try file.openedForReading() }
    }

    /// A device exclusively: the kernel refuses one that is mounted or held. A file is locked, as long as what is
    /// returned is open.
    /// - Parameter remark: is told which locks there are none of.
    /// - Throws: `ServiceError.volumeInUse` and `.notWritable`, which name `id`
    func openedForWriting(as id: ResourceID, _ remark: (String) -> Void) throws -> OpenFile {
        try checkWritable(as: id)
        return try naming(source) {
            do {
                let opened = try file.openedForWriting(exclusively: device != nil)
                if device == nil {
                    for error in try opened.lockExclusively() { remark("\(error)") }
                } else if let device {
                    // The number may have got another device since that was looked at; from here on it keeps this one.
                    try check(deviceIdentity, device, status.deviceText.flatMap(identities.identity), device)
                }
                return opened
            } catch let error as SystemCallError where error.isBusy {
                throw ServiceError.volumeInUse(id, reason: "the kernel holds it")
            } catch let error as SystemCallError where error.isHeld {
                throw ServiceError.volumeInUse(id, reason: VolumeUsage.locked)
            }
        }
    }

    /// - Throws: `ServiceError.notWritable`, which names `id`
    func checkWritable(as id: ResourceID) throws {
        do {
            try file.checkWritable()
        } catch let error as SystemCallError {
            throw ServiceError.notWritable(id, reason: error.reason)
        }
        guard device != nil else { return }
        let isReadOnly = try naming(source) { try BlockDevice.isReadOnly(openedForReading()) }
        guard !isReadOnly else { throw ServiceError.notWritable(id, reason: "the device is read-only") }
    }

    /// The length as it is now, in bytes. It takes opening: so a volume that may not be read shows itself here.
    func sizeBytes() throws -> Int64 {
        try naming(source) {
            let file = try openedForReading()
            guard device != nil else { return try FileStatus(of: file).length }
            let bytes = try BlockDevice(file).bytes
            guard bytes > 0 else {
                throw ServiceError.badSource(source, reason: "it is a device of 0 bytes: there is nothing in it")
            }
            return bytes
        }
    }
}

/// Turns the errors of system calls into what a client is told of its volume.
private func naming<Result>(_ source: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SystemCallError {
        throw ServiceError.badSource(source, reason: error.reason)
    }
}

extension FileStatus {
    /// `7:3`; nil for what is no block device.
    fileprivate var deviceText: String? { VolumeIdentity(self).device }
}
