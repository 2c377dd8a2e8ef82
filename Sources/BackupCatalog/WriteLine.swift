// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization

/// The writes that wait for the connection. They share one transaction, and so one wait for the disk; each has a
/// savepoint of its own.
///
/// The queue of the connection is the line: whoever comes to its head first does the work of all who wait by then, and
/// they find it done when their turn comes.
final class WriteLine: Sendable {
    private let waiting = Mutex<[WaitingWrite]>([])
    private let tell: @Sendable ([CatalogChange]) -> Void

    /// - Parameter tell: called on the queue of the connection for each write that has changed something, in their
    ///   order, when they are durable and before anybody else reads or writes.
    init(telling tell: @escaping @Sendable ([CatalogChange]) -> Void) { self.tell = tell }

    /// How many wait for their turn.
    var count: Int { waiting.withLock { $0.count } }

    /// Returns when the write is durable and was told.
    ///
    /// Throws what `body` throws, which undoes this write and no other; and why the transaction failed, after `body`
    /// was run again in one of its own.
    /// - Parameter body: does the work on the connection, and returns what there is to tell.
    func write(in queue: DatabaseQueue, _ body: (Database) throws -> [CatalogChange]) throws {
        try withoutActuallyEscaping(body) { body in
            let write = WaitingWrite(body)
            waiting.withLock { $0.append(write) }
            queue.writeWithoutTransaction { db in
                guard write.result == nil else { return }
                commit(takeAll(), to: db)
            }
            try write.result?.get()
        }
    }

    private func takeAll() -> [WaitingWrite] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    private func commit(_ writes: [WaitingWrite], to db: Database) {
        do {
            try db.inTransaction(.immediate) {
                for write in writes { try write.run(on: db) }
                return .commit
            }
            for write in writes { write.end(tell) }
        } catch {
            guard writes.count > 1 else {
                for write in writes { write.result = .failure(error) }
                return
            }
            // It may have been too much for the disk together, or one of them too much for all.
            for write in writes { commit([write], to: db) }
        }
    }
}

/// A write of a thread that waits for it. Whoever does it has the queue of the connection, and the thread looks at it
/// there, or when it has left the queue: so nobody touches it at the same time as somebody else.
private final class WaitingWrite: @unchecked Sendable {
    private let body: (Database) throws -> [CatalogChange]
    /// What became of the write in the transaction that runs.
    private var outcome: Result<[CatalogChange], any Error>?
    /// nil until its transaction has ended.
    var result: Result<Void, any Error>?

    init(_ body: @escaping (Database) throws -> [CatalogChange]) { self.body = body }

    /// Throws when the transaction as a whole is over; what `body` throws ends this write alone.
    func run(on db: Database) throws {
        do {
            try db.inSavepoint {
                outcome = .success(try body(db))
                return .commit
            }
        } catch {
            outcome = .failure(error)
            // After some errors, a full disk among them, SQLite rolls back everything
            // (sqlite.org/lang_transaction.html).
            guard db.isInsideTransaction else { throw error }
        }
    }

    /// Its transaction is durable.
    func end(_ tell: ([CatalogChange]) -> Void) {
        if case .success(let changes)? = outcome, !changes.isEmpty { tell(changes) }
        result = outcome.map { outcome in outcome.map { _ in () } }
    }
}
