// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Posix
import Synchronization

/// Asks whether the repository can be used, and how full it is, without ever waiting long: a disk that is gone over the
/// network answers nobody for hours. One question is under way at a time, on a thread of its own; whoever asks meanwhile
/// waits for the same answer.
package final class RepositoryProbe: Sendable {
    private final class Question: Sendable {
        let answer = Mutex<Result<FileSystemSpace, any Error>?>(nil)
        let pending = DispatchGroup()
    }

    static let silence = ReadinessError.repository(reason: "it does not answer")

    private let ask: @Sendable () throws -> FileSystemSpace
    private let patience: Duration
    private let current = Mutex<Question?>(nil)

    /// - Parameter patience: how long to wait for an answer.
    package init(patience: Duration = .seconds(2), ask: @escaping @Sendable () throws -> FileSystemSpace) {
        self.patience = patience
        self.ask = ask
    }

    /// - Throws: `ReadinessError.repository`.
    package func space() throws -> FileSystemSpace {
        let question = question()
        let seconds = patience / .seconds(1)
        guard question.pending.wait(timeout: .now() + seconds) == .success,
            let answer = question.answer.withLock({ $0 })
        else { throw Self.silence }
        do { return try answer.get() } catch { throw ReadinessError.repository(reason: "\(error)") }
    }

    private func question() -> Question {
        current.withLock { current in
            if let current { return current }
            let question = Question()
            question.pending.enter()
            current = question
            Thread.detachNewThread { self.work(on: question) }
            return question
        }
    }

    private func work(on question: Question) {
        let answer = Result { try ask() }
        question.answer.withLock { $0 = answer }
        current.withLock { $0 = nil }
        question.pending.leave()
    }
}
