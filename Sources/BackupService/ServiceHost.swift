// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Foundation
import HTTPServer
import Logging
import ObjectStorage
import Posix

package let daemonVersion = cinderblockVersion

package enum ServiceHostError: Error, Equatable, CustomStringConvertible {
    case stateDirectoryInUse(String)
    case emptyRepository(String, backups: Int)

    package var description: String {
        switch self {
        case .stateDirectoryInUse(let path): "another cinderblockd is running on the state directory \(path)"
        case .emptyRepository(let path, let count):
            "the repository \(path) is empty, but the catalog knows \(count) backups in it: is its disk mounted?"
        }
    }
}

/// The whole service, put together from its configuration.
package final class ServiceHost: Sendable {
    package static let defaultConfigurationPath = "/etc/cinderblock/cinderblock.yaml"

    private let lock: LockFile
    private let catalog: BackupCatalog
    private let service: BackupService
    private let scheduler: JobScheduler
    private let progressLog: ProgressLog
    private let server: HTTPServer

    /// Takes the state directory, opens the catalog and the repository, and brings what an earlier run has left
    /// to a clean end.
    package init(configuration: Configuration, logger: Logger) throws {
        let state = configuration.stateDirectory
        try Self.makeDirectory(state, mode: 0o700)
        guard let lock = try LockFile(state + "/lock") else { throw ServiceHostError.stateDirectoryInUse(state) }
        self.lock = lock
        try Self.makeDirectory(state + "/digests", mode: 0o700)
        let spool = try Self.emptyDirectory(state + "/spool")
        try Self.makeDirectory(configuration.repository.posixPath, mode: 0o770)
        try Self.makeDirectory(configuration.volumes.directory, mode: 0o700)

        let now: @Sendable () -> Timestamp = { Self.now() }
        let board = ProgressBoard()
        let feed = EventFeed(board: board)
        catalog = try BackupCatalog(directory: state, now: now, didCommit: feed.record)
        scheduler = JobScheduler(maxRunningJobs: configuration.backup.maxRunningJobs)
        progressLog = ProgressLog(path: configuration.progressLog.path, logger: logger)
        let settings = Self.settings(configuration)
        let store = try PosixObjectStore(path: configuration.repository.posixPath)
        let context = JobContext(
            catalog: catalog, engine: Self.engine(configuration, store, spool: spool, digests: state + "/digests"),
            volumes: VolumeAccess(
                directory: configuration.volumes.directory, allowedPaths: configuration.volumes.allowedPaths),
            board: board, events: BackupEvents(log: progressLog, host: settings.host, now: now),
            ends: JobEnds(), logger: logger, settings: settings, now: now)
        service = BackupService(context: context, scheduler: scheduler, feed: feed)
        try service.checkRepository(configuration.repository.posixPath, isEmpty: store.isEmpty())
        try service.recover()

        let api = BackupAPI(
            service: service, authentication: try Self.authentication(configuration, state: state),
            host: settings.host,
            monitor: Monitor(
                service: service, progressLog: progressLog, repository: RepositoryProbe { try store.space() })
        ) { error, request in
            logger.error("Request failed", metadata: ["request_id": "\(request.id)", "error": "\(error)"])
        }
        var limits = Limits()
        limits.bodyBytes = Operation.bodyBytes
        limits.largerBodies = BackupAPI.largerBody
        server = try HTTPServer(
            listening: configuration.listen.map(SocketAddress.init(parsing:)), limits: limits,
            refuse: api.refuse, handler: api.reply)
    }

    /// Listens, then lets jobs begin: a daemon that cannot listen has not touched any.
    package func start() throws -> [SocketAddress] {
        let addresses = try server.start()
        scheduler.start()
        return addresses
    }

    /// False when jobs did not end in time.
    package func stop(within timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        server.stop(grace: .seconds(1))
        let allEnded = scheduler.stop(within: max(.zero, deadline - .now))
        progressLog.flush()
        if allEnded { try? catalog.close() }
        return allEnded
    }

    package func reopenLog() { progressLog.reopen() }

    /// `2 running, 5 waiting`
    package var statusLine: String {
        let counts = scheduler.counts
        return "\(counts.running) running, \(counts.waiting) waiting"
    }

    /// Calls `body` when the scheduler and the catalog have shown that they work.
    package func checkAlive(_ body: @escaping @Sendable () -> Void) {
        scheduler.tick { [service] in
            if (try? service.checkHealth()) != nil { body() }
        }
    }

    // MARK: - Parts

    private static func engine(
        _ configuration: Configuration, _ store: PosixObjectStore, spool: String, digests: String
    ) -> Engine {
        // Beside its bytes a chunk needs a little room for alignment.
        let slack = configuration.backup.maxRunningJobs * 64 << 10
        return Engine(
            store: store,
            pool: BufferPool(limitBytes: configuration.backup.memoryLimitBytes + slack), spoolDirectory: spool,
            digestCopies: DigestCopies(in: digests), level: configuration.backup.compressionLevel,
            parallelism: ProcessInfo.processInfo.activeProcessorCount)
    }

    private static func settings(_ configuration: Configuration) -> BackupSettings {
        BackupSettings(
            compression: configuration.backup.compression, chunkBytes: configuration.backup.chunkBytes,
            blockBytes: configuration.backup.shaBlockBytes,
            timerInterval: configuration.progressLog.isTimerEnabled
                ? configuration.progressLog.timerInterval / .seconds(1) : nil,
            chunksPerNotification: configuration.progressLog.objectsPerNotification,
            host: ProcessInfo.processInfo.hostName)
    }

    private static func authentication(_ configuration: Configuration, state: String) throws -> Authentication {
        switch configuration.auth {
        case .none: .none
        case .token: .token(try TokenFile(path: state + "/token").token)
        }
    }

    private static func now() -> Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
    }

    private static func makeDirectory(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
    }

    /// Nothing in it outlives the daemon.
    private static func emptyDirectory(_ path: String) throws -> String {
        try? FileManager.default.removeItem(atPath: path)
        try makeDirectory(path, mode: 0o700)
        return path
    }
}
