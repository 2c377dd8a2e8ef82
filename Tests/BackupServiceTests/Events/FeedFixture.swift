// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import BackupEngine
import BackupModel
import Foundation
import HTTPServer
import Logging
import ObjectStorage
import Posix
import Synchronization
import TestSupport

@testable import BackupService

/// A catalog, a board and a feed as in the daemon, without jobs: the test plays them. Served on a socket.
final class FeedFixture {
    let directory: TemporaryDirectory
    let board = ProgressBoard()
    let feed: EventFeed
    let catalog: BackupCatalog
    let service: BackupService
    private let server: HTTPServer
    private let address: SocketAddress

    init(_ settings: EventFeed.Settings = .quick, maxWaitingJobs: Int = .max) throws {
        directory = try TemporaryDirectory()
        let now: @Sendable () -> Timestamp = {
            Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        }
        let feed = EventFeed(board: board, settings: settings)
        self.feed = feed
        catalog = try BackupCatalog(
            directory: directory.path, maxWaitingJobs: maxWaitingJobs, now: now, didCommit: feed.record)
        let store = try PosixObjectStore(path: directory.directory("repository"))
        let log = JSONLog(named: "Progress log", path: directory.path("log"), logger: .init(label: "test"))
        let context = JobContext(
            catalog: catalog,
            engine: Engine(
                store: store, pool: BufferPool(limitBytes: 1 << 20), spoolDirectory: directory.path, parallelism: 1),
            claim: try RepositoryClaim(store: store, catalog: catalog, logger: .init(label: "test"), holder: "test"),
            volumes: VolumeAccess(directory: directory.path, allowedPaths: []), board: board,
            events: BackupEvents(log: log, host: "h", now: now), ends: JobEnds(),
            logger: .init(label: "test"),
            settings: BackupSettings(
                compression: .init(.none), chunkBytes: 1 << 20, blockBytes: 1 << 15, timerInterval: nil,
                chunksPerNotification: 10, host: "h"), now: now)
        service = BackupService(context: context, scheduler: JobScheduler(maxRunningJobs: 1), feed: feed)
        let monitor = Monitor(service: service, progressLog: log, auditLog: log)
        let api = BackupAPI(service: service, authentication: .none, host: "h", monitor: monitor) { _, _ in }
        server = try HTTPServer(
            at: [Endpoint(.unix(path: directory.path("s")))], refuse: api.refuse, handler: api.reply)
        address = try server.start()[0]
    }

    deinit {
        server.stop(grace: .zero)
        try? catalog.close()
    }

    func client() throws -> RawHTTPClient { try RawHTTPClient(address) }

    func stream(_ path: String, after last: String? = nil) throws -> EventStream {
        try EventStream(client(), path, after: last)
    }

    func addVolume() throws -> VolumeRecord {
        let id = ResourceID.random()
        let volume = VolumeRecord(
            id: id, source: "/v/\(id)", sizeBytes: 1000, isOwned: false, createdAt: Timestamp(microseconds: 1))
        try catalog.insert(volume)
        return volume
    }

    /// A backup that is being made.
    func addBackup(name: String? = nil) throws -> ResourceID {
        let id = try addWaitingBackup(name: name)
        _ = try catalog.beginJob(id, expecting: .creating)
        board.begin(id, JobProgress(phase: .reading, bytesTotal: 1000))
        return id
    }

    /// A backup that waits for its turn.
    func addWaitingBackup(name: String? = nil) throws -> ResourceID {
        var record = BackupRecord(
            id: .random(), volumeID: try addVolume().id, status: .creating, sizeGiB: 1,
            createdAt: Timestamp(microseconds: 1))
        record.name = name
        record.sizeBytes = 1000
        return try catalog.createBackup(record).id
    }

    func advance(_ id: ResourceID, to bytes: Int64) {
        var progress = JobProgress(phase: .reading, bytesTotal: 1000)
        progress.bytesDone = bytes
        board.update(id, progress)
    }

    func finish(_ id: ResourceID) throws {
        _ = try catalog.finishBackup(id, objectCount: 1, storedBytes: 10, sizeBytes: 1000)
        board.end(id, keeping: false)
    }

    func fail(_ id: ResourceID) throws {
        _ = try catalog.failBackup(id, reason: "broken")
        board.end(id, keeping: true)
    }

    /// A backup that is available.
    func addFinishedBackup() throws -> ResourceID {
        let id = try addBackup()
        try finish(id)
        return id
    }

    /// How many watch.
    var watcherCount: Int { feed.state.withLock { $0.watchers.count } }
}

extension EventFeed.Settings {
    static var quick: EventFeed.Settings {
        var settings = EventFeed.Settings()
        settings.progressInterval = .milliseconds(5)
        settings.commentInterval = .milliseconds(20)
        return settings
    }
}

extension EventStream.Event {
    var json: JSONValue { (try? JSONValue(parsing: Array(data.utf8))) ?? nil }
    var status: String { json.text("status") ?? "-" }
    var percent: Double {
        switch json[key: "progress"]?[key: "percent"] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: -1
        }
    }
}

extension EventStream {
    /// The status in the next event that is not progress.
    func nextStatus() throws -> String? {
        while let event = try next() {
            if event.name != "progress" { return event.status }
        }
        return nil
    }
}
