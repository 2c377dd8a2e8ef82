// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import HTTPServer
import Synchronization

/// Sees to it that the requests of one `Idempotency-Key` do their work once, and all get the answer to it
/// (docs/decisions/0007-receipts.md).
///
/// What has been done stands in the catalog, written with the work itself. What is being done now stands here: after a
/// crash nothing is.
final class KeyedRequests: Sendable {
    /// What each key under way stands for. Bounded by the handlers that run at a time.
    private let running = Mutex<[Receipt.Name: String]>([:])

    /// Does `work`, unless it was done already; `remake` makes the answer to what was done and not answered.
    ///
    /// An error is not remembered: nothing was done, and the same request may succeed later.
    /// - Parameter logFailure: told when an answer could not be kept. It is given all the same.
    /// - Throws: `APIError.keyInProgress`, `CatalogError.keyReused`; and what `work` and `remake` throw.
    func answer(
        _ receipt: Receipt, in catalog: BackupCatalog, work: () throws -> Answer,
        remake: (DoneRequest) throws -> Answer, logFailure: (any Error) -> Void
    ) throws -> Answer {
        try begin(receipt)
        defer { running.withLock { $0[receipt.name] = nil } }
        let done = try catalog.done(receipt)
        if let answer = done?.answer { return try Answer(answer) }
        let answer = try done.map(remake) ?? work()
        do {
            try catalog.keep(KeptAnswer(answer), for: receipt)
        } catch {
            logFailure(error)
        }
        return answer
    }

    private func begin(_ receipt: Receipt) throws {
        let other: String? = running.withLock { running in
            if let request = running[receipt.name] { return request }
            running[receipt.name] = receipt.request
            return nil
        }
        guard let other else { return }
        guard other == receipt.request else { throw CatalogError.keyReused(receipt.key) }
        throw APIError.keyInProgress(receipt.key)
    }
}
