// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// A volume that was found under an allowed path and has not been opened: what is checked here and what is opened
/// later are the same, whatever happens to the names.
struct FoundVolume {
    private let source: String
    private let file: OpenFile
    private let status: FileStatus

    /// The last component may be a link only to a block device: /dev/vg0/db is one to /dev/dm-3.
    /// - Throws: `ServiceError.pathNotAllowed`, `.badSource`
    init(_ source: String, under allowed: AllowedPaths) throws {
        let path = try SourcePath(source)
        self.source = source
        (file, status) = try naming(source) {
            let directory = try allowed.directory(of: path)
            let file = try directory.finding(path.name, followingLink: false)
            let status = try FileStatus(of: file)
            guard status.kind == .link else { return (file, status) }
            let target = try directory.finding(path.name, followingLink: true)
            let targetStatus = try FileStatus(of: target)
            guard targetStatus.kind == .blockDevice else {
                throw ServiceError.badSource(source, reason: "it is a link, and not one to a block device")
            }
            return (target, targetStatus)
        }
        try checkKind()
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
    /// The file, or the device's node in /dev: what locks are taken on.
    var node: FileStatus.Identity { status.identity }

    /// Makes sure that this is what was registered: a file, or the device with that number.
    func check(against record: VolumeRecord) throws {
        switch (record.device, device) {
        case (nil, nil): return
        case (nil, _): throw ServiceError.badSource(source, reason: "it was a file, and is now a block device")
        case (_, nil): throw ServiceError.badSource(source, reason: "it was a block device, and is now a file")
        case (let old?, let new?):
            guard old != new else { return }
            let (old, new) = (BlockDevice.numberText(old), BlockDevice.numberText(new))
            throw ServiceError.badSource(source, reason: "it is now another device (\(new) instead of \(old))")
        }
    }

    func openedForReading() throws -> OpenFile {
        try naming(source) { try file.openedForReading() }
    }

    /// A device exclusively: the kernel refuses one that is mounted or held. There is nothing like it for files.
    /// - Throws: `ServiceError.volumeInUse`, which names `id`
    func openedForWriting(as id: ResourceID) throws -> OpenFile {
        try naming(source) {
            do {
                return try file.openedForWriting(exclusively: device != nil)
            } catch let error as SystemCallError where error.isBusy {
                throw ServiceError.volumeInUse(id, reason: "the kernel holds it")
            }
        }
    }

    /// The length as it is now, in bytes. It takes opening: so a volume that may not be read shows itself here.
    func sizeBytes() throws -> Int64 {
        try naming(source) {
            let file = try openedForReading()
            return try device == nil ? FileStatus(of: file).length : BlockDevice(file).bytes
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
