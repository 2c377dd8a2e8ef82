// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Foundation
import Glibc
import ObjectStorage
import Posix

/// A volume and its backups, run with an engine as the daemon runs them.
package final class BackupChain {
    /// One backup, with the ones it stands on: from the full one to itself.
    package struct Point: Sendable {
        package let layers: [LayerLocation]
        package let outcome: BackupOutcome
        package let blockBytes: Int
    }

    package enum Target: Sendable, CaseIterable { case new, dirty }

    package let engine: Engine
    package let volumeID = ResourceID.random()
    package private(set) var points: [Point] = []
    private let scratch: TemporaryDirectory

    package init(
        _ store: any ObjectStore, poolBytes: Int = 64 << 20, parallelism: Int = 2,
        scratch: TemporaryDirectory? = nil
    ) throws {
        self.scratch = try scratch ?? TemporaryDirectory()
        engine = Engine(
            store: store, pool: BufferPool(limitBytes: poolBytes), spoolDirectory: self.scratch.path,
            parallelism: parallelism)
    }

    /// Another chain on an engine that is there already.
    package init(_ engine: Engine) throws {
        scratch = try TemporaryDirectory()
        self.engine = engine
    }

    /// An engine over another store that goes on with the points of this one.
    package func continued(on store: any ObjectStore) throws -> BackupChain {
        let chain = try BackupChain(store, scratch: scratch)
        chain.points = points
        return chain
    }

    package func path(_ name: String) -> String { scratch.path(name) }

    /// Where a new backup goes.
    package func newLocation(container: String? = nil) -> LayerLocation {
        let id = ResourceID.random()
        return LayerLocation(
            backupID: id, container: container ?? BackupPlan.defaultContainer(of: id),
            names: ObjectNames(volumeID: volumeID, backupID: id, at: Timestamp(microseconds: 1_790_000_000_000_000)))
    }

    /// Backs up the file at `path`: on top of the last point, or in full when there is none or `isFull`.
    @discardableResult
    package func backUp(
        _ path: String, _ compression: Compression = .none, chunkBytes: Int = 65536, blockBytes: Int = 4096,
        isFull: Bool = false, at location: LayerLocation? = nil, control: JobControl = JobControl(),
        catalog: String? = nil, volumeMeta: () throws -> String? = { nil }, confirm: () throws -> Void = {}
    ) throws -> Point {
        let location = location ?? newLocation()
        let parent = isFull ? nil : points.last
        let digests = try parent?.layers.last.map {
            try engine.parentDigests(of: $0, volumeID: volumeID, control: control)
        }
        let blockBytes = digests?.blockBytes ?? blockBytes
        let plan = BackupPlan(
            container: location.container, names: location.names, compression: compression,
            chunkBytes: BackupPlan.chunk(of: chunkBytes, blocks: blockBytes), blockBytes: blockBytes,
            metadata: BackupMetadata(
                backupID: location.backupID.text, volumeID: volumeID.text, backupName: "test",
                createdAt: "2026-11-23 00:56:11+00:00", parentID: parent?.layers.last?.backupID.text, writer: catalog))
        let volume = try VolumeReader(OpenFile(path, O_RDONLY))
        let outcome = try engine.backUp(
            volume, as: plan, since: digests, control: control, volumeMeta: volumeMeta, confirm: confirm)
        let point = Point(
            layers: (parent?.layers ?? []) + [location], outcome: outcome, blockBytes: blockBytes)
        points.append(point)
        return point
    }

    /// The bytes that a restore of `layers` gives. A dirty target has `length` bytes before.
    package func restore(
        _ layers: [LayerLocation], to kind: Target = .new, length: Int = 0, control: JobControl = JobControl()
    ) throws -> [UInt8] {
        let path = scratch.path("target-\(UUID().uuidString)")
        defer { unlink(path) }
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        if kind == .dirty { try [UInt8](repeating: 0xa5, count: length).withUnsafeBytes { try file.write($0, at: 0) } }
        try engine.restore(
            engine.openChain(layers), to: RestoreTarget(file, isNew: kind == .new), control: control)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
