// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Posix

/// The image files that the daemon makes, and may remove.
extension VolumeAccess {
    private func fileName(_ id: ResourceID) -> String { "volume-\(id)" }

    /// Where `createFile` will put the file of a volume.
    package func path(ofNewFile id: ResourceID) -> String { directory + "/" + fileName(id) }

    /// The file of a volume of ours to which nothing has been written, made first where there is none; nil when
    /// there is one that holds something, or the volume is not ours.
    package func openEmptyFile(
        _ record: VolumeRecord, remark: (String) -> Void = { _ in }
    ) throws -> OpenFile? {
        guard record.isOwned else { return nil }
        do {
            guard try sizeBytes(record) == 0 else { return nil }
        } catch ServiceError.badSource {
            _ = try createFile(record.id, bytes: record.sizeBytes)
            // Nobody can use what has just been made, also where the kernel tells nothing.
            return try find(record).openedForWriting(as: record.id, remark)
        }
        return try openForWriting(record, remark: remark)
    }

    /// Makes an empty file of `bytes` bytes in `volumes.directory`, without any blocks; it is durable on return.
    /// - Returns: its path
    /// - Throws: `SystemCallError`; then there is no such file, unless there was one before
    package func createFile(_ id: ResourceID, bytes: Int64) throws -> String {
        let directory = try OpenFile.finding(directory: directory).openedForReading()
        let file = try directory.creatingFile(fileName(id), mode: 0o600)
        do {
            try file.truncate(to: bytes)
            try file.synchronize()
            try file.close()
            try directory.synchronizeDirectory()
        } catch {
            _ = try? directory.unlink(fileName(id))
            throw error
        }
        return file.path
    }

    /// Removes a file that `createFile` made; it is fine when it is gone already.
    /// - Throws: `ServiceError.notOwned`; `.badSource` when the record names any other file; `SystemCallError`
    package func removeFile(_ record: VolumeRecord) throws {
        guard record.isOwned else { throw ServiceError.notOwned(record.id) }
        let path = try SourcePath(record.source)
        let name = fileName(record.id)
        guard path.name.utf8.elementsEqual(name.utf8) else {
            throw ServiceError.badSource(record.source, reason: "the file of volume \(record.id) is called \(name)")
        }
        guard let found = try directory(of: path) else { return }
        guard try FileStatus(of: found).identity == FileStatus(of: OpenFile.finding(directory: directory)).identity
        else { throw ServiceError.badSource(record.source, reason: "it does not lie in volumes.directory") }
        let directory = try found.openedForReading()
        try directory.unlink(name)
        try directory.synchronizeDirectory()
    }

    private func directory(of path: SourcePath) throws -> OpenFile? {
        do {
            return try OpenFile.finding(directory: path.directory)
        } catch let error as SystemCallError where error.isMissing {
            return nil
        }
    }
}
