// SPDX-License-Identifier: Apache-2.0
import BackupModel
import BackupService
import Foundation
import Glibc
import Posix
import TestSupport

/// A machine's directories for one test: `volumes` is volumes.directory, `images` is allowed, `outside` is not.
struct VolumeFixture {
    let temporary: TemporaryDirectory
    /// As the kernel calls it.
    let root: String
    let access: VolumeAccess

    init(allowing more: [String] = []) throws {
        temporary = try TemporaryDirectory()
        root = try OpenFile.finding(directory: temporary.path).path
        for name in ["volumes", "images", "outside"] { _ = try temporary.directory(name) }
        access = VolumeAccess(directory: root + "/volumes", allowedPaths: [root + "/images"] + more)
    }

    func path(_ name: String) -> String { root + "/" + name }

    /// Makes a sparse file.
    @discardableResult
    func file(_ name: String, bytes: Int64 = 4096) throws -> String {
        try OpenFile(path(name), O_RDWR | O_CREAT | O_EXCL).truncate(to: bytes)
        return path(name)
    }

    @discardableResult
    func link(_ name: String, to target: String) throws -> String {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
        return path(name)
    }

    @discardableResult
    func fifo(_ name: String) throws -> String {
        try systemCall("make", name) { mkfifo(path(name), 0o600) }
        return path(name)
    }

    func hardLink(_ name: String, to target: String) throws {
        try FileManager.default.linkItem(atPath: path(target), toPath: path(name))
    }

    func rename(_ name: String, to newName: String) throws {
        try systemCall("rename", name) { Glibc.rename(path(name), path(newName)) }
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    /// The record of a volume that is registered now; as before there were identities, unless it is `identified`.
    func register(_ source: String, identified: Bool = false) throws -> VolumeRecord {
        let resolved = try access.resolve(source: source)
        var record = VolumeRecord(source: resolved.path, bytes: resolved.sizeBytes)
        record.device = resolved.device
        if identified { record.identity = resolved.identity }
        return record
    }
}

extension VolumeRecord {
    init(source: String, bytes: Int64 = 0, isOwned: Bool = false) {
        self.init(
            id: .random(), source: source, sizeBytes: bytes, isOwned: isOwned, createdAt: Timestamp(microseconds: 0))
    }
}
