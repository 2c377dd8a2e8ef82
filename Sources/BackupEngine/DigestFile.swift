// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// The digests of a backup's sha256file, as a list on disk that can be read anywhere.
package struct DigestFile: Sendable {
    package let blockBytes: Int
    package let digests: Spool<SHA256Digest>
}

extension Engine {
    /// The digests of the backup that an increment stands on: from the copy, where there is one, else from the
    /// repository, where the sha256file must be in any case.
    /// - Throws: as `digests(of:in:control:)`.
    package func parentDigests(
        of parent: LayerLocation, volumeID: ResourceID, control: JobControl
    ) throws -> DigestFile {
        let listBytes = try store.open(parent.names.sha256file, in: parent.container).length
        let key = DigestCopies.Key(backupID: parent.backupID.text, volumeID: volumeID.text, listBytes: listBytes)
        return try digestCopies?.find(key) ?? digests(of: parent.names, in: parent.container, control: control)
    }

    /// Reads a backup's sha256file as a stream.
    /// - Throws: `StorageError.objectNotFound` when there is none; `EngineError.badDigestList`.
    package func digests(
        of names: ObjectNames, in container: String, control: JobControl = JobControl()
    ) throws -> DigestFile {
        let object = try store.open(names.sha256file, in: container)
        let digests: Spool<SHA256Digest> = spool()
        do {
            let list = try DigestList(from: JSONReader { try object.read(into: $0) }) { digest in
                try control.stopIfAbandoned()
                try digests.append(digest)
            }
            return DigestFile(blockBytes: list.blockBytes, digests: digests)
        } catch let error as JSONError {
            throw EngineError.badDigestList(name: names.sha256file, reason: error.description)
        } catch let error as FormatError {
            throw EngineError.badDigestList(name: names.sha256file, reason: error.description)
        }
    }
}
