// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Posix
import Synchronization

/// Looks at files whose file systems may hang, on threads of its own, and waits for none of them for long. A path
/// that hangs keeps one thread until it answers, and is not looked at again as long.
final class LiveFiles: Sendable {
    typealias Look = @Sendable (String) -> FileStatus.Identity?

    struct Answer {
        var identities: [String: FileStatus.Identity] = [:]
        /// Of these nothing is known.
        var silent: [String] = []
    }

    private let look: Look
    private let hanging = Mutex<Set<String>>([])
    private let turn = Mutex(())

    init(look: @escaping Look = { try? FileStatus(of: $0, followingLink: true).identity }) { self.look = look }

    /// Runs `body` when nobody else does.
    func alone<Result>(_ body: () throws -> Result) rethrows -> Result { try turn.withLock { _ in try body() } }

    /// What lies at the paths now; nothing for one that is not there.
    /// - Parameters:
    ///   - patience: for one path.
    ///   - limit: for all of them together.
    func identities(
        at paths: [String], patience: Duration = .seconds(1), limit: Duration = .seconds(3)
    ) -> Answer {
        let end = ContinuousClock.now + limit
        let hung = hanging.withLock { $0 }
        var answer = Answer()
        answer.silent = paths.filter(hung.contains)
        var rest = paths.filter { !hung.contains($0) }[...]
        while !rest.isEmpty, .now < end {
            let walk = self.walk(over: Array(rest), patience: patience, until: end)
            answer.identities.merge(walk.identities) { _, new in new }
            rest = rest.dropFirst(walk.done)
            guard let path = rest.first else { break }
            if walk.isStuck { answer.silent.append(path) }
            rest = walk.isStuck ? rest.dropFirst() : rest
        }
        answer.silent += rest
        return answer
    }

    private struct Walk {
        var identities: [String: FileStatus.Identity] = [:]
        /// How many paths were looked at, from the first on.
        var done = 0
        /// The next one does not answer.
        var isStuck = false
        /// Nobody waits any more.
        var isGivenUp = false
    }

    private final class Progress: Sendable {
        let walk = Mutex(Walk())
        let step = DispatchSemaphore(value: 0)
    }

    /// Looks at one path after the other on a new thread, to the end or to the first that does not answer.
    private func walk(over paths: [String], patience: Duration, until end: ContinuousClock.Instant) -> Walk {
        let progress = Progress()
        Thread.detachNewThread { self.go(over: paths, progress) }
        for _ in paths {
            let wait = min(patience, max(.zero, end - .now)) / .seconds(1)
            guard progress.step.wait(timeout: .now() + wait) == .success else { break }
        }
        return progress.walk.withLock { walk in
            walk.isStuck = walk.done < paths.count
            if walk.isStuck { hanging.withLock { _ = $0.insert(paths[walk.done]) } }
            walk.isGivenUp = true
            return walk
        }
    }

    private func go(over paths: [String], _ progress: Progress) {
        for path in paths {
            let identity = look(path)
            let isGivenUp = progress.walk.withLock { walk in
                walk.identities[path] = identity
                walk.done += 1
                return walk.isGivenUp
            }
            guard !isGivenUp else { return hanging.withLock { _ = $0.remove(path) } }
            progress.step.signal()
        }
    }
}
