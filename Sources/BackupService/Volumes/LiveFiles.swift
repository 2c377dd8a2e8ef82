// SPDX-License-Identifier: Apache-2.0
import Posix
import Synchronization

extension Patience {
    /// For paths that lie anywhere: a file system that hangs says nothing of the others, and must not keep them waiting.
    static let ofPaths = {
        var limits = Limits()
        (limits.questions, limits.reserve) = (16, 0)
        return Patience(limits)
    }()
}

/// Looks at files whose file systems may hang, and waits for none of them for long.
final class LiveFiles: Sendable {
    typealias Look = @Sendable (String) -> FileStatus.Identity?

    struct Answer {
        var identities: [String: FileStatus.Identity] = [:]
        /// Of these nothing is known.
        var silent: [String] = []
    }

    private let look: Look
    private let patience: Patience
    private let turn = Mutex(())

    init(
        patience: Patience = .ofPaths,
        look: @escaping Look = { try? FileStatus(of: $0, followingLink: true).identity }
    ) {
        self.patience = patience
        self.look = look
    }

    /// Runs `body` when nobody else does.
    func alone<Result>(_ body: () throws -> Result) rethrows -> Result { try turn.withLock { _ in try body() } }

    /// What lies at the paths now; nothing for one that is not there.
    /// - Parameters:
    ///   - deadline: for one path.
    ///   - limit: for all of them together.
    func identities(
        at paths: [String], patience deadline: Duration = .seconds(1), limit: Duration = .seconds(3)
    ) -> Answer {
        let end = ContinuousClock.now + limit
        var answer = Answer()
        for path in paths {
            do {
                let look = look
                answer.identities[path] = try patience.share(path, within: max(.zero, min(deadline, end - .now))) {
                    look(path)
                }
            } catch {
                answer.silent.append(path)
            }
        }
        return answer
    }
}
