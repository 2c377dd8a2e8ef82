// SPDX-License-Identifier: Apache-2.0

import BackupModel
import Dispatch
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import BackupCatalog

/// Writes that wait at the same time.
struct WriteLineTests {
    private struct Refused: Error, Equatable {
        let name: String
    }

    private let directory: TemporaryDirectory
    private let queue: DatabaseQueue
    private let log = Log()
    private let line: WriteLine

    init() throws {
        directory = try TemporaryDirectory()
        queue = try DatabaseQueue(path: directory.path("db"))
        line = WriteLine(telling: log.tell)
        try queue.writeWithoutTransaction { [log] db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE names (name TEXT NOT NULL, content BLOB)")
            db.trace { if "\($0)".hasPrefix("COMMIT") { log.countCommit() } }
        }
    }

    /// Has one thread per name write it, all of them while the connection is taken, and returns how they ended.
    private func writeTogether(
        _ names: [String], _ body: @escaping @Sendable (Database, String) throws -> Void = { _, _ in }
    ) throws -> [String: Result<Void, any Error>] {
        let results = Mutex<[String: Result<Void, any Error>]>([:])
        let threads = try queue.writeWithoutTransaction { _ in
            // One after the other, so that their order is known.
            try names.enumerated().map { index, name in
                let thread = Threads(1) { [line, queue] _ in
                    let result = Result {
                        try line.write(in: queue) { db in
                            try db.execute(sql: "INSERT INTO names (name) VALUES (?)", arguments: [name])
                            try body(db, name)
                            return [.volumeRemoved(.named(name))]
                        }
                    }
                    results.withLock { $0[name] = result }
                }
                try #require(eventually { line.count == index + 1 })
                return thread
            }
        }
        for thread in threads { try #require(thread.end()) }
        return results.withLock { $0 }
    }

    private func stored() throws -> [String] {
        try queue.read { try String.fetchAll($0, sql: "SELECT name FROM names ORDER BY rowid") }
    }

    private let names = ["a", "b", "c", "d", "e"]

    @Test func `they share a transaction, and are told one by one in their order`() throws {
        for result in try writeTogether(names).values { try result.get() }
        #expect(log.commits == 1)
        #expect(log.told == names.map { [$0] })
        #expect(try stored() == names)
    }

    @Test func `alone each has its own`() throws {
        for name in names {
            try line.write(in: queue) { _ in [.volumeRemoved(.named(name))] }
            #expect(log.told.last == [name])
        }
        #expect(log.commits == names.count)
    }

    @Test func `one that throws undoes itself and is not told`() throws {
        let results = try writeTogether(names) { _, name in
            if name == "b" || name == "e" { throw Refused(name: name) }
        }
        for (name, result) in results where name != "b" && name != "e" { try result.get() }
        #expect(throws: Refused(name: "b")) { try results["b"]?.get() }
        #expect(throws: Refused(name: "e")) { try results["e"]?.get() }
        #expect(log.commits == 1)
        #expect(log.told == [["a"], ["c"], ["d"]])
        #expect(try stored() == ["a", "c", "d"])
    }

    /// SQLite rolls back the whole transaction then, not the statement alone.
    @Test func `one that is too much for the disk fails alone`() throws {
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 50") }
        let results = try writeTogether(names) { db, name in
            guard name == "c" else { return }
            try db.execute(sql: "INSERT INTO names VALUES ('large', zeroblob(1000000))")
        }
        for (name, result) in results where name != "c" { try result.get() }
        let error = #expect(throws: DatabaseError.self) { try results["c"]?.get() }
        #expect(error?.resultCode == .SQLITE_FULL)
        #expect(try stored() == ["a", "b", "d", "e"])
        #expect(log.told == [["a"], ["b"], ["d"], ["e"]])
    }

    @Test func `a commit that fails is everybody's failure, and told to nobody`() throws {
        let observer = Refusing()
        queue.add(transactionObserver: observer, extent: .databaseLifetime)
        let results = try writeTogether(names)
        #expect(results.count == names.count)
        for name in names { #expect(throws: Refused(name: "commit")) { try results[name]?.get() } }
        #expect(try stored() == [])
        #expect(log.told == [])
    }

    @Test func `on a closed connection all fail`() throws {
        try queue.close()
        #expect(throws: DatabaseError.self) { try line.write(in: queue) { _ in [] } }
        #expect(log.told == [])
    }

    /// Refuses every commit.
    private final class Refusing: TransactionObserver {
        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseWillCommit() throws { throw Refused(name: "commit") }
        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }
}

/// What was told and committed.
private final class Log: Sendable {
    private let state = Mutex((told: [[String]](), commits: 0))

    var told: [[String]] { state.withLock { $0.told } }
    var commits: Int { state.withLock { $0.commits } }

    func countCommit() { state.withLock { $0.commits += 1 } }

    func tell(_ changes: [CatalogChange]) {
        state.withLock { state in
            state.told.append(
                changes.map { change in
                    guard case .volumeRemoved(let volume) = change else { return "?" }
                    return volume.name ?? "?"
                })
        }
    }
}

extension VolumeRecord {
    fileprivate static func named(_ name: String) -> VolumeRecord {
        var volume = VolumeRecord(
            id: .zero, source: "/v", sizeBytes: 1, isOwned: false, createdAt: Timestamp(microseconds: 0))
        volume.name = name
        return volume
    }
}
