// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// The digests of the backup that an increment stands on, taken from front to back, once.
package final class ParentDigests {
    package let blockBytes: Int
    private var source: Source
    private var taken = 0
    /// The same digests from the repository, from the first on; nil where they come from there.
    private let fromRepository: (() throws -> ParentDigests)?

    private enum Source {
        case whole(Spool<SHA256Digest>)
        /// A sha256file, read as far as its digests have been taken.
        case stream(DigestListReader, name: String)
    }

    fileprivate init(_ file: DigestFile, fromRepository: (() throws -> ParentDigests)? = nil) {
        blockBytes = file.blockBytes
        source = .whole(file.digests)
        self.fromRepository = fromRepository
    }

    fileprivate init(_ reader: DigestListReader, name: String, blockBytes: Int) {
        self.blockBytes = blockBytes
        source = .stream(reader, name: name)
        fromRepository = nil
    }

    /// The next so many; fewer where the list ends.
    /// - Throws: `EngineError.badDigestList`, `StorageError`.
    package func next(_ count: Int) throws -> [SHA256Digest] {
        var digests: [SHA256Digest] = []
        switch source {
        case .whole(let list):
            do {
                digests = try list.read(taken..<min(taken + count, list.count))
            } catch {
                guard let fromRepository else { throw error }
                let other = try fromRepository()
                guard other.blockBytes == blockBytes else { throw error }
                try other.skip(taken)
                source = other.source
                return try next(count)
            }
        case .stream(let reader, let name):
            try readingDigestList(name) {
                while digests.count < count, let digest = try reader.next() { digests.append(digest) }
            }
        }
        taken += digests.count
        return digests
    }

    private func skip(_ count: Int) throws {
        while taken < count {
            guard try !next(min(count - taken, 1 << 15)).isEmpty else { return }
        }
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
    /// The digests of `parent`: from the copy, where there is one and as long as it can be read, else from the repository,
    /// where the sha256file must be in any case. It is read in step with the volume.
    /// - Throws: `StorageError.objectNotFound` when there is none; `EngineError.badDigestList`.
    package func parentDigests(
        of parent: LayerLocation, volumeID: ResourceID, control: JobControl
    ) throws -> ParentDigests {
        let object = try store.open(parent.names.sha256file, in: parent.container)
        guard let copy = digestsKept(of: parent, volumeID, listBytes: object.length) else {
            return try digestsInStep(of: parent, from: object, control)
        }
        return ParentDigests(copy) {
            try self.digestsInStep(
                of: parent, from: self.store.open(parent.names.sha256file, in: parent.container), control)
        }
    }

    private func digestsKept(of parent: LayerLocation, _ volumeID: ResourceID, listBytes: Int64) -> DigestFile? {
        guard let digestCopies, let listDigest = listDigest(of: parent) else { return nil }
        return digestCopies.find(
            DigestCopies.Key(
                backupID: parent.backupID.text, volumeID: volumeID.text, prefix: parent.names.prefix,
                listBytes: listBytes, listDigest: listDigest))
    }

    /// What the metadata object says of the sha256file; nil for a backup of Cinder's, and where it cannot be read.
    private func listDigest(of location: LayerLocation) -> SHA256Digest? {
        guard let object = try? store.open(location.names.metadata, in: location.container) else { return nil }
        return try? BackupMetadata.listDigest(from: JSONReader { try object.read(into: $0) })
    }

    private func digestsInStep(
        of parent: LayerLocation, from object: any ObjectReader, _ control: JobControl
    ) throws -> ParentDigests {
        let name = parent.names.sha256file
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
