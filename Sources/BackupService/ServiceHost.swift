// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Codecs
import Foundation
import HTTPServer
import Logging
import ObjectStorage
import Posix

package let daemonVersion = cinderblockVersion

package enum ServiceHostError: Error, Equatable, CustomStringConvertible {
    case stateDirectoryInUse(String)
    case repositoryInUse(RepositoryError)

    package var description: String {
        switch self {
        case .stateDirectoryInUse(let path): "another cinderblockd is running on the state directory \(path)"
        case .repositoryInUse(let error): "\(error)"
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
    private let progressLog: JSONLog
    private let auditLog: JSONLog
    private let logger: Logger
    /// nil where none is needed.
    private let tokens: TokenKeeper?
    private let server: HTTPServer

    /// Takes the state directory, opens the catalog and the repository, and brings what an earlier run has left
    /// to a clean end.
    /// - Parameter configurationPath: Where the configuration was read, which is no volume.
    package init(configuration: Configuration, configurationPath: String? = nil, logger: Logger) throws {
        let state = configuration.stateDirectory
        try Self.makeDirectory(state, mode: 0o700)
        guard let lock = try LockFile(state + "/lock") else { throw ServiceHostError.stateDirectoryInUse(state) }
        self.lock = lock
        self.logger = logger
        try Self.makeDirectory(state + "/digests", mode: 0o700)
        let spool = try Self.emptyDirectory(state + "/spool")
        try Self.makeDirectory(configuration.volumes.directory, mode: 0o700)

        let now: @Sendable () -> Timestamp = { Self.now() }
        let board = ProgressBoard()
        let feed = EventFeed(board: board)
        catalog = try BackupCatalog(
            directory: state, maxWaitingJobs: configuration.backup.maxWaitingJobs, now: now, didCommit: feed.record)
        scheduler = JobScheduler(maxRunningJobs: configuration.backup.maxRunningJobs)
        progressLog = JSONLog(named: "Progress log", path: configuration.progressLog.path, logger: logger)
        auditLog = JSONLog(named: "Audit log", path: configuration.auditLog.path, logger: logger)
        let settings = Self.settings(configuration)
        let store = PosixObjectStore(unopened: configuration.repository.posixPath)
        let claim = try RepositoryClaim(
            store: store, catalog: catalog, logger: logger, holder: try randomHex(16))
        let context = JobContext(
            catalog: catalog, engine: Self.engine(configuration, store, spool: spool, digests: state + "/digests"),
            claim: claim,
            volumes: VolumeAccess(
                directory: configuration.volumes.directory, allowedPaths: configuration.volumes.allowedPaths,
                reserved: try Self.reservedFiles(configuration, store, configurationPath), witness: try lock.identity()),
            board: board, events: BackupEvents(log: progressLog, host: settings.host, now: now),
            ends: JobEnds(), logger: logger, settings: settings, now: now)
        let patience = Patience()
        service = BackupService(context: context, scheduler: scheduler, feed: feed, patience: patience)
        if case .inUse = service.repository.state() {
            throw ServiceHostError.repositoryInUse(.notReady(path: store.path, claim.state))
        }
        try service.recover()

        tokens = try Self.tokens(configuration)
        let api = BackupAPI(
            service: service, authentication: Self.authentication(tokens), rules: AccessRules(configuration),
            host: settings.host,
            monitor: Monitor(service: service, progressLog: progressLog, auditLog: auditLog),
            audit: { [auditLog] entry in auditLog.append(entry.json(at: now())) }
        ) { error, request in
            logger.error("Request failed", metadata: ["request_id": "\(request.id)", "error": "\(error)"])
        }
        var limits = Limits()
        limits.bodyBytes = Operation.bodyBytes
        limits.largerBodies = BackupAPI.largerBody
        server = try HTTPServer(
            at: configuration.listen.map { try $0.endpoint() }, limits: limits,
            refuse: api.refuse, admit: api.admission, isQuick: api.isAnsweredFromMemory,
            tell: { logger.warning("Too many connections", metadata: ["what": "\($0)"]) }, handler: api.reply)
    }

    /// Listens, then lets jobs begin: a daemon that cannot listen has not touched any.
    package func start() throws -> [SocketAddress] {
        let addresses = try server.start()
        scheduler.start()
        if service.repository.isRolledBack { service.scanRepository() }
        return addresses
    }

    /// What has come to its end, and what hangs.
    package struct Ending: Sendable {
        package let haveJobsEnded: Bool
        package let isCatalogClosed: Bool
    }

    /// Takes at most 2 seconds more than `timeout`, which is for requests and jobs.
    package func stop(within timeout: Duration) -> Ending {
        let deadline = ContinuousClock.now + timeout
        service.scan.stop()
        server.stop(grace: .seconds(1))
        let haveJobsEnded = scheduler.stop(within: max(.zero, deadline - .now))
        progressLog.flush(within: .milliseconds(500))
        auditLog.flush(within: .milliseconds(250))
        return Ending(haveJobsEnded: haveJobsEnded, isCatalogClosed: closeCatalog())
    }

    /// Also under jobs that hang: what is committed is closed cleanly, and the next start brings them to an end.
    private func closeCatalog() -> Bool {
        do {
            try Patience().insist("the catalog", within: .seconds(1)) { [catalog] in try catalog.close() }
            return true
        } catch {
            return false
        }
    }

    /// Reopens the logs, which may have been rotated away, and reads the tokens again.
    package func reload() {
        progressLog.reopen()
        auditLog.reopen()
        tokens?.reread { [logger] error in
            logger.error("A token is refused, the one before it stays", metadata: ["error": "\(error)"])
        }
    }

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

    /// Also by what they are: a hard link elsewhere leads to the catalog as well.
    private static func reservedFiles(
        _ configuration: Configuration, _ store: PosixObjectStore, _ path: String?
    ) throws -> ReservedFiles {
        let state = configuration.stateDirectory
        let catalog = state + "/" + BackupCatalog.fileName
        let stateDirectory = try ReservedFiles.Directory(at: state)
        return ReservedFiles(
            directories: {
                let repository = store.openRoot.map { ReservedFiles.Directory($0.directory, $0.identity) }
                return [stateDirectory] + (repository.map { [$0] } ?? [])
            }, except: try ReservedFiles.Directory(at: configuration.volumes.directory),
            files: [
                catalog, catalog + "-wal", catalog + "-shm", state + "/lock",
                configuration.progressLog.path, configuration.auditLog.path, "/proc/self/fd/1", "/proc/self/fd/2",
            ] + TokenKind.allCases.map { state + "/" + $0.fileName } + (path.map { [$0] } ?? []))
    }

    private static func settings(_ configuration: Configuration) -> BackupSettings {
        BackupSettings(
            compression: configuration.backup.compression, chunkBytes: configuration.backup.chunkBytes,
            blockBytes: configuration.backup.shaBlockBytes,
            timerInterval: configuration.progressLog.isTimerEnabled
                ? configuration.progressLog.timerInterval / .seconds(1) : nil,
            chunksPerNotification: configuration.progressLog.objectsPerNotification,
            host: ProcessInfo.processInfo.hostName, minimumAge: configuration.backup.minimumAge)
    }

    private static func tokens(_ configuration: Configuration) throws -> TokenKeeper? {
        switch configuration.auth {
        case .none: nil
        case .token:
            try TokenKeeper(
                state: configuration.stateDirectory,
                credentials: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"])
        }
    }

    private static func authentication(_ tokens: TokenKeeper?) -> Authentication {
        tokens.map { tokens in .tokens { tokens.tokens } } ?? .none
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
