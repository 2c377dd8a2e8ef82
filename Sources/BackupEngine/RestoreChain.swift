// SPDX-License-Identifier: Apache-2.0
import BackupModel
import ObjectStorage

/// A chain of backups, read and checked, ready to be written to a volume.
package struct RestoreChain: Sendable {
    /// Exact length of the volume.
    package let length: Int64
    /// Data objects of the backup asked for.
    package let objectCount: Int64
    /// What the backup asked for says about its volume; nil when it says nothing.
    package let volumeMeta: VolumeMeta?
    /// A sentence for the log and the answer when something is missing, or broken, that a restore can do without.
    package let warning: String?
    let layers: [RestoreLayer]
    /// nil when the backup asked for has no sha256file.
    let digests: DigestFile?
}

extension Engine {
    /// Reads a chain, from the full backup to the one asked for, and checks everything that can be checked
    /// before the first byte is written.
    /// - Throws: `EngineError`, `StorageError`, `SystemCallError`.
    package func openChain(
        _ locations: [LayerLocation], control: JobControl = JobControl()
    ) throws -> RestoreChain {
        let objects: Spool<ObjectEntry> = spool()
        let layers = try locations.indices.map { index in
            var layer = try readLayer(locations[index], into: objects, control: control)
            // A chain may have thousands; the newest one's counts.
            if index < locations.count - 1 { layer.metadata.volumeMeta = nil }
            return layer
        }
        guard let newest = layers.last else { preconditionFailure("a chain without a backup") }
        let digests = try digestsIfAny(newest.location, control)
        let (volumeMeta, problem) = try volumeMeta(of: newest)
        let warnings = [digests == nil ? missingDigests(newest.location) : nil, problem].compactMap { $0 }
        return RestoreChain(
            length: try volumeLength(of: layers, digests), objectCount: Int64(newest.ownObjects.count),
            volumeMeta: volumeMeta, warning: warnings.isEmpty ? nil : warnings.joined(separator: "; "), layers: layers,
            digests: digests)
    }

    /// A description that cannot be read is no reason to refuse the data. One of a version that nobody knows yet is: it may
    /// say what must not be left out.
    private func volumeMeta(of layer: RestoreLayer) throws -> (meta: VolumeMeta?, problem: String?) {
        guard let text = layer.metadata.volumeMeta, !text.isEmpty else { return (nil, nil) }
        let name = layer.location.names.metadata
        do {
            return (try VolumeMeta(parsing: text), nil)
        } catch FormatError.badMember(let member, let reason) {
            return (nil, "\(member) in \(name) cannot be used (\(reason)): the volume keeps the description it has")
        } catch let error as FormatError {
            throw EngineError.badMetadata(name: name, reason: error.description)
        }
    }

    /// What a restore of this backup would have to do without; nil when nothing is missing, as far as one look
    /// can tell.
    package func warningBeforeRestore(of location: LayerLocation) -> String? {
        do {
            _ = try store.open(location.names.sha256file, in: location.container)
            return nil
        } catch StorageError.objectNotFound {
            return missingDigests(location)
        } catch {
            return nil
        }
    }

    /// A sha256file that is missing is no reason to refuse, one that cannot be read is.
    private func digestsIfAny(_ location: LayerLocation, _ control: JobControl) throws -> DigestFile? {
        do {
            return try digests(of: location.names, in: location.container, control: control)
        } catch StorageError.objectNotFound {
            return nil
        }
    }

    private func missingDigests(_ location: LayerLocation) -> String {
        "\(location.names.sha256file) is missing: the data are checked by the MD5 of each object only"
    }

    /// The exact length of the volume: the one we recorded; for a backup of Cinder's the smaller of digests ×
    /// block size and the end of the newest object that covers the last block.
    private func volumeLength(of layers: [RestoreLayer], _ digests: DigestFile?) throws -> Int64 {
        let recorded = layers.last?.metadata.sizeBytes
        guard let digests, let newest = layers.last else {
            return recorded ?? layers.map(\.end).max() ?? 0
        }
        let (count, blockBytes) = (Int64(digests.digests.count), Int64(digests.blockBytes))
        let (limit, overflow) = count.multipliedReportingOverflow(by: blockBytes)
        guard !overflow, limit <= StoredObject.endLimit else {
            throw EngineError.badDigestList(name: newest.location.names.sha256file, reason: "it lists too many blocks")
        }
        if let recorded {
            guard (limit - blockBytes + 1...limit).contains(recorded) || recorded == 0 && count == 0 else {
                throw EngineError.digestCountDisagrees(
                    name: newest.location.names.sha256file, digests: digests.digests.count, sizeBytes: recorded)
            }
            return recorded
        }
        guard count > 0 else { return 0 }
        return min(limit, try endOfNewestObject(covering: limit - blockBytes, in: layers) ?? limit)
    }

    /// The end of the newest object that holds the byte at `offset`; inside a backup the last in the list wins.
    private func endOfNewestObject(covering offset: Int64, in layers: [RestoreLayer]) throws -> Int64? {
        for layer in layers.reversed() {
            var end: Int64?
            try layer.objects.forEach(in: layer.ownObjects) { object in
                if object.offset <= offset, offset < object.end { end = object.end }
            }
            if let end { return end }
        }
        return nil
    }
}
