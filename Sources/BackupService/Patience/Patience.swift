// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Dispatch
import Synchronization

/// Asks what may never be answered, as a disk that is gone over the network is, without waiting for ever.
///
/// Each question is asked on a thread of its own, which may hang; about one subject there is one at a time. Who asks
/// waits until a deadline, and where somebody has waited in vain already, and the question still hangs, not at all. The
/// threads and those who wait are bounded, so what hangs costs the rest of the daemon nothing.
package final class Patience: Sendable {
    package struct Limits: Sendable {
        /// Questions under way at a time, and so the threads that can hang.
        package var questions = 48
        /// How many of them are kept for those who insist.
        package var reserve = 16
        /// Those who wait for longer than a moment. Fewer than the HTTP server's handlers, so that there are some left
        /// for requests that ask no disk.
        package var waiting = 16
        package var moment = Duration.milliseconds(20)

        package init() {}
    }

    private struct Entry: Sendable {
        let question: any Asked
        /// Somebody has waited for it in vain.
        var isLate = false
        /// Who has asked it does not wait any more.
        var isAbandoned = false
        /// The answer is there.
        var isDone = false
    }

    private struct State {
        var underWay: [String: Entry] = [:]
        var waiting = 0
    }

    private enum Turn<Value: Sendable> {
        case mine(Question<Value>)
        case shared(Question<Value>)
        /// Something else is being asked about the subject.
        case behind(any Asked)
        case refused
    }

    private let limits: Limits
    private let threads: WorkerThreads
    private let state = Mutex(State())

    package init(_ limits: Limits = Limits()) {
        self.limits = limits
        threads = WorkerThreads(limit: limits.questions, keeping: 2, named: "question")
    }

    /// The answer to `ask`, or to the same question about the subject that is under way already: for those who show how
    /// things are.
    /// - Throws: `NoAnswer`; what `ask` throws.
    package func share<Value: Sendable>(
        _ subject: String, within patience: Duration, _ ask: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        try answer(about: subject, within: patience, isShared: true, ask) { _ in }
    }

    /// The answer to `ask`, which begins after this is called: for those who decide, or change something.
    /// - Parameter undo: what is to be done with an answer that nobody waits for any more.
    /// - Throws: `NoAnswer`; what `ask` throws.
    package func insist<Value: Sendable>(
        _ subject: String, within patience: Duration, undo: @escaping @Sendable (Value) -> Void = { _ in },
        _ ask: @escaping @Sendable () throws -> Value
    ) throws -> Value {
        try answer(about: subject, within: patience, isShared: false, ask, undo)
    }

    /// Questions without an answer whose askers have given up.
    package var hanging: Int { state.withLock { state in state.underWay.values.count { $0.isLate } } }

    /// Who waits for longer than a moment.
    var waiting: Int { state.withLock { $0.waiting } }

    // MARK: - Asking

    private func answer<Value: Sendable>(
        about subject: String, within patience: Duration, isShared: Bool,
        _ ask: @escaping @Sendable () throws -> Value, _ undo: @escaping @Sendable (Value) -> Void
    ) throws -> Value {
        let deadline = DispatchTime.now() + patience / .seconds(1)
        while true {
            switch turn(about: subject, isShared: isShared, Value.self) {
            case .refused: throw NoAnswer(subject: subject)
            case .behind(let other):
                guard wait(for: other, until: deadline) else { throw NoAnswer(subject: subject) }
            case .mine(let question):
                threads.run { self.work(on: question, about: subject, ask, undo) }
                return try answer(to: question, about: subject, until: deadline, isMine: true)
            case .shared(let question):
                return try answer(to: question, about: subject, until: deadline, isMine: false)
            }
        }
    }

    private func turn<Value: Sendable>(about subject: String, isShared: Bool, _: Value.Type) -> Turn<Value> {
        state.withLock { state in
            if let entry = state.underWay[subject] {
                guard !entry.isLate else { return .refused }
                guard isShared, let question = entry.question as? Question<Value> else {
                    return .behind(entry.question)
                }
                return .shared(question)
            }
            guard state.underWay.count < limits.questions - (isShared ? limits.reserve : 0) else { return .refused }
            let question = Question<Value>()
            state.underWay[subject] = Entry(question: question)
            return .mine(question)
        }
    }

    private func work<Value: Sendable>(
        on question: Question<Value>, about subject: String, _ ask: () throws -> Value, _ undo: (Value) -> Void
    ) {
        let result = Result { try ask() }
        question.result.withLock { $0 = result }
        let isAbandoned = state.withLock { state in
            state.underWay[subject]?.isDone = true
            return state.underWay[subject]?.isAbandoned == true
        }
        // Before the next question about the subject.
        if isAbandoned, case .success(let value) = result { undo(value) }
        state.withLock { $0.underWay[subject] = nil }
        question.isOver.leave()
    }

    private func answer<Value: Sendable>(
        to question: Question<Value>, about subject: String, until deadline: DispatchTime, isMine: Bool
    ) throws -> Value {
        if !wait(for: question, until: deadline), leave(question, about: subject, isMine: isMine, deadline) {
            throw NoAnswer(subject: subject)
        }
        guard let result = question.result.withLock({ $0 }) else { throw NoAnswer(subject: subject) }
        return try result.get()
    }

    /// False where the answer has come at the last moment: it is taken or undone, and never both.
    private func leave<Value: Sendable>(
        _ question: Question<Value>, about subject: String, isMine: Bool, _ deadline: DispatchTime
    ) -> Bool {
        state.withLock { state in
            guard let entry = state.underWay[subject], entry.question === question, !entry.isDone else { return false }
            if DispatchTime.now() >= deadline { state.underWay[subject]?.isLate = true }
            if isMine { state.underWay[subject]?.isAbandoned = true }
            return true
        }
    }

    private func wait(for question: any Asked, until deadline: DispatchTime) -> Bool {
        let moment = min(deadline, .now() + limits.moment / .seconds(1))
        if question.isOver.wait(timeout: moment) == .success { return true }
        let mayWait = state.withLock { state in
            guard state.waiting < limits.waiting else { return false }
            state.waiting += 1
            return true
        }
        guard mayWait else { return false }
        defer { state.withLock { $0.waiting -= 1 } }
        return question.isOver.wait(timeout: deadline) == .success
    }
}

/// What was asked did not answer in time, or hangs since an earlier question.
package struct NoAnswer: Error, Equatable, CustomStringConvertible {
    package let subject: String

    package init(subject: String) { self.subject = subject }

    package var description: String { "\(subject) does not answer" }
}

/// A question, whatever its answer is.
private protocol Asked: AnyObject, Sendable {
    /// Entered until it is answered.
    var isOver: DispatchGroup { get }
}

private final class Question<Value: Sendable>: Asked {
    let isOver = DispatchGroup()
    let result = Mutex<Result<Value, any Error>?>(nil)

    init() { isOver.enter() }
}
