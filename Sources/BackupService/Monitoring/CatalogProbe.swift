// SPDX-License-Identifier: Apache-2.0
import BackupCatalog
import Synchronization

/// Asks whether the catalog can be read and written. The answer holds for a few seconds: whoever asks needs no token, and
/// each question is a write to the disk. Nobody waits long for a disk that does not answer.
package final class CatalogProbe: Sendable {
    private struct Answer {
        let failure: ReadinessError?
        let at: ContinuousClock.Instant
    }

    private let catalog: BackupCatalog
    private let lifetime: Duration
    private let patience: Patience
    private let last = Mutex<Answer?>(nil)

    package init(
        _ catalog: BackupCatalog, lifetime: Duration = .seconds(5), patience: Patience = Patience()
    ) {
        self.catalog = catalog
        self.patience = patience
        self.lifetime = lifetime
    }

    /// - Throws: `ReadinessError.catalog`.
    package func check() throws {
        var answer = last.withLock { $0 }
        if answer.map({ ContinuousClock.now - $0.at >= lifetime }) ?? true {
            answer = ask()
            last.withLock { $0 = answer }
        }
        if let failure = answer?.failure { throw failure }
    }

    private func ask() -> Answer {
        do {
            try patience.share("the catalog", within: .seconds(2)) { [catalog] in try catalog.touch() }
            return Answer(failure: nil, at: .now)
        } catch is NoAnswer {
            return Answer(failure: .catalog(reason: "it does not answer"), at: .now)
        } catch {
            return Answer(failure: .catalog(reason: "\(error)"), at: .now)
        }
    }
}
