// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging

/// What the jobs work with.
package struct JobContext: Sendable {
    package let catalog: BackupCatalog
    package let engine: Engine
    package let claim: RepositoryClaim
    package let volumes: VolumeAccess
    package let board: ProgressBoard
    package let events: BackupEvents
    package let ends: JobEnds
    package let logger: Logger
    package let settings: BackupSettings
    package let now: @Sendable () -> Timestamp

    /// Writes down how a job has ended, again and again while the catalog cannot be written: a full disk must
    /// not leave a backup `creating` for ever.
    ///
    /// nil when the daemon stops before that: nobody knows then how far the catalog got. The caller leaves
    /// everything as it is, and the next start ends the job.
    /// - Throws: what trying again would not change.
    func settle<Result>(_ flag: JobFlag, _ body: () throws -> Result) throws -> Result? {
        var attempt = 0
        while true {
            do {
                return try body()
            } catch let error as CatalogError where error.mayPass {
                if attempt % 60 == 0 {
                    logger.error("Catalog cannot be written, the end of a job waits", metadata: ["error": "\(error)"])
                }
                attempt += 1
                guard flag.waitUnlessStopping(seconds: 1) else { return nil }
            }
        }
    }

    /// What the row says when a job has not succeeded. It may carry names out of hostile metadata.
    func reason(_ error: any Error, _ flag: JobFlag, cancelled: String) -> String {
        if let leftovers = error as? LeftoverObjects {
            return shown(reason(leftovers.reason, flag, cancelled: cancelled) + "; \(leftovers.summary)")
        }
        guard error as? EngineError == .cancelled else { return shown("\(error)") }
        return flag.isStopping ? "interrupted: the daemon was stopped" : cancelled
    }

    /// Without what no row can hold, and no longer than people read.
    func shown(_ text: String) -> String { String(text.replacing("\0", with: "\u{fffd}").prefix(1000)) }

    func notifier(_ id: ResourceID, _ kind: BackupEvents.Kind) -> ProgressNotifier {
        ProgressNotifier(interval: settings.timerInterval, chunksPerNotification: settings.chunksPerNotification) {
            record(kind, id)
        }
    }

    func record(_ kind: BackupEvents.Kind, _ id: ResourceID, reason: String? = nil) {
        guard let backup = try? catalog.backup(id, includingDeleted: true) else { return }
        ends.count(kind, backup.volumeID)
        events.record(kind, backup, board.report(on: backup), reason: reason)
    }

    /// The volume as its path leads to it now. A device that was found under another number, or of which more is known
    /// than before, is written down so.
    /// - Throws: `CatalogError`; `ServiceError` when it is not there, or is not what was registered.
    /// - Parameter locate: `VolumeAccess.locate`, or the same with patience.
    func located(
        _ volumeID: ResourceID, by locate: ((VolumeRecord) throws -> VolumeRecord)? = nil
    ) throws -> VolumeRecord {
        let known = try catalog.volume(volumeID)
        let found = try (locate ?? volumes.locate)(known)
        guard found != known else { return found }
        do {
            try catalog.take(found, insteadOf: known)
        } catch {
            logger.warning(
                "A device could not be written down anew", metadata: ["volume_id": "\(volumeID)", "error": "\(error)"])
        }
        return found
    }

    func location(of record: BackupRecord) -> LayerLocation? {
        guard let container = record.container, let prefix = record.prefix else { return nil }
        return LayerLocation(
            backupID: record.id, parentID: record.parentID, container: container, names: ObjectNames(prefix: prefix))
    }

    /// The chain of a backup, from the full one to it.
    /// - Throws: `CatalogError`; `ServiceError.restoreRefused` for one without objects.
    func locations(ofChain id: ResourceID) throws -> [LayerLocation] {
        try catalog.chain(of: id).map { record in
            guard let location = location(of: record) else {
                throw ServiceError.restoreRefused(record.id, reason: "its record names no container or no prefix")
            }
            return location
        }
    }
}

/// How backups are made, from the configuration.
package struct BackupSettings: Sendable, Equatable {
    package var compression: Compression
    package var chunkBytes: Int
    package var blockBytes: Int
    /// Seconds; nil for no timer.
    package var timerInterval: Double?
    package var chunksPerNotification: Int
    package var host: String
    /// That an `available` backup must have before it may be deleted.
    package var minimumAge: Duration

    package init(
        compression: Compression, chunkBytes: Int, blockBytes: Int, timerInterval: Double?,
        chunksPerNotification: Int, host: String, minimumAge: Duration = .zero
    ) {
        self.compression = compression
        self.chunkBytes = chunkBytes
        self.blockBytes = blockBytes
        self.timerInterval = timerInterval
        self.chunksPerNotification = chunksPerNotification
        self.host = host
        self.minimumAge = minimumAge
    }
}

extension CatalogError {
    /// Whether the same call may succeed later: the disk was full, say.
    fileprivate var mayPass: Bool {
        switch self {
        case .storage, .inUse: true
        default: false
        }
    }
}
