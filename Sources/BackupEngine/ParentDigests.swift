// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// The digests of the backup that an increment stands on, taken from front to back, once.
package final class ParentDigests {
    package let blockBytes: Int
    private let source: Source
    private var taken = 0

    private enum Source {
        case whole(Spool<SHA256Digest>)
        /// A sha256file, read as far as its digests have been taken.
        case stream(DigestListReader, name: String)
    }

    fileprivate init(_ file: DigestFile) {
        blockBytes = file.blockBytes
        source = .whole(file.digests)
    }

    fileprivate init(_ reader: DigestListReader, name: String, blockBytes: Int) {
        self.blockBytes = blockBytes
        source = .stream(reader, name: name)
    }

    /// The next so many; fewer where the list ends.
    /// - Throws: `EngineError.badDigestList`, `StorageError`.
    package func next(_ count: Int) throws -> [SHA256Digest] {
        var digests: [SHA256Digest] = []
        switch source {
        case .whole(let list):
            digests = try list.read(taken..<min(taken + count, list.count))
        case .stream(let reader, let name):
            try readingDigestList(name) {
                while digests.count < count, let digest = try reader.next() { digests.append(digest) }
            }
        }
        taken += digests.count
        return digests
    }

    /// Reads to the end: only then is it certain that the list is one.
    /// - Throws: as `next`.
    func finish(_ control: JobControl) throws {
        guard case .stream(let reader, let name) = source else { return }
        try readingDigestList(name) {
            while try reader.next() != nil { try control.stopIfAbandoned() }
            _ = try reader.finish()
        }
    }
}

extension Engine {
    /// The digests of `parent`: from the copy, where there is one, else from the repository, where the sha256file
    /// must be in any case. It is read in step with the volume.
    /// - Throws: `StorageError.objectNotFound` when there is none; `EngineError.badDigestList`.
    package func parentDigests(
        of parent: LayerLocation, volumeID: ResourceID, control: JobControl
    ) throws -> ParentDigests {
        let name = parent.names.sha256file
        let object = try store.open(name, in: parent.container)
        let key = DigestCopies.Key(
            backupID: parent.backupID.text, volumeID: volumeID.text, listBytes: object.length)
        if let copy = digestCopies?.find(key) { return ParentDigests(copy) }

        let reader = try readingDigestList(name) {
            try DigestListReader(JSONReader(reading: object))
        }
        guard let blockBytes = reader.blockBytes else {
            // It stands behind the digests, and nothing can be read without it.
            return ParentDigests(try digests(of: parent.names, in: parent.container, control: control))
        }
        return ParentDigests(reader, name: name, blockBytes: blockBytes)
    }
}
