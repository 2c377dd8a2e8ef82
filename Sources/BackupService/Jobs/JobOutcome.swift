// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// How a job has ended, for a request that waits for it, but not for long.
final class JobOutcome: Sendable {
    private let result = Mutex<Result<Void, any Error>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// To be called once, by the job.
    func end(_ result: Result<Void, any Error>) {
        self.result.withLock { $0 = result }
        ended.signal()
    }

    /// nil when the job goes on. For one request alone.
    func wait(within patience: Duration) -> Result<Void, any Error>? {
        guard ended.wait(timeout: .now() + patience / .seconds(1)) == .success else { return nil }
        return result.withLock { $0 }
    }
}
