// SPDX-License-Identifier: Apache-2.0
import Posix

/// Asks whether the repository can be used, and how full it is, without ever waiting long: a disk that is gone over the
/// network answers nobody for hours. One question is under way at a time; whoever asks meanwhile waits for the same
/// answer.
package final class RepositoryProbe: Sendable {
    static let silence = ReadinessError.repository(reason: "it does not answer")

    private let ask: @Sendable () throws -> FileSystemSpace
    private let deadline: Duration
    private let patience: Patience

    /// - Parameter patience: how long to wait for an answer.
    package init(
        patience deadline: Duration = .seconds(2), of patience: Patience = Patience(),
        ask: @escaping @Sendable () throws -> FileSystemSpace
    ) {
        self.deadline = deadline
        self.patience = patience
        self.ask = ask
    }

    /// - Throws: `ReadinessError.repository`.
    package func space() throws -> FileSystemSpace {
        do {
            return try patience.share("the repository", within: deadline, ask)
        } catch is NoAnswer {
            throw Self.silence
        } catch {
            throw ReadinessError.repository(reason: "\(error)")
        }
    }
}
