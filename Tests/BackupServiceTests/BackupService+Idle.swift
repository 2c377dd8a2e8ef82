// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Logging
import ObjectStorage
import TestSupport

@testable import BackupService

extension BackupService {
    /// A service in a directory, whose jobs wait for ever.
    convenience init(idleIn directory: TemporaryDirectory) throws {
        let logger = Logger(label: "test")
        let now: @Sendable () -> Timestamp = { Timestamp(microseconds: 1_000_000_000) }
        let board = ProgressBoard()
        let catalog = try BackupCatalog(directory: directory.path, now: now)
        let store = try PosixObjectStore(path: directory.directory("repository"))
        self.init(
            context: JobContext(
                catalog: catalog,
                engine: Engine(
                    store: store, pool: BufferPool(limitBytes: 1 << 20), spoolDirectory: directory.path, parallelism: 2),
                claim: try RepositoryClaim(store: store, catalog: catalog, logger: logger, holder: "test"),
                volumes: VolumeAccess(
                    directory: try directory.directory("volumes"), allowedPaths: [try directory.directory("images")]),
                board: board,
                events: BackupEvents(
                    log: JSONLog(named: "Progress log", path: "/dev/null", logger: logger), host: "h", now: now),
                ends: JobEnds(), logger: logger,
                settings: BackupSettings(
                    compression: .none, chunkBytes: 1 << 16, blockBytes: 1 << 15, timerInterval: nil,
                    chunksPerNotification: 10, host: "h"),
                now: now),
            scheduler: JobScheduler(maxRunningJobs: 1), feed: EventFeed(board: board))
    }
}
