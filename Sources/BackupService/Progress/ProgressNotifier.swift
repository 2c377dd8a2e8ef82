// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Dispatch
import Synchronization

/// Sends the progress of one backup by both of Cinder's mechanisms at once: by a timer, also once at the start,
/// and after every N chunks. Both end with the job, however it ends.
package final class ProgressNotifier: Sendable {
    package typealias Send = @Sendable () -> Void

    private let send: Send
    private let queue = DispatchQueue(label: "progress-timer")
    private let chunksPerNotification: Int64
    private let notifiedChunks = Atomic<Int64>(0)
    // Dispatch sources are thread-safe; Linux does not say so yet.
    nonisolated(unsafe) private let timer: (any DispatchSourceTimer)?

    /// - Parameter interval: Seconds between two notifications of the timer; nil for no timer.
    package init(interval: Double?, chunksPerNotification: Int, send: @escaping Send) {
        self.send = send
        self.chunksPerNotification = Int64(chunksPerNotification)
        let queue = self.queue
        timer = interval.map { interval in
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now(), repeating: interval)
            timer.setEventHandler(handler: send)
            timer.resume()
            return timer
        }
    }

    deinit { timer?.cancel() }

    /// To be called with each report of the job, on its thread.
    package func chunksDone(_ count: Int64) {
        guard count / chunksPerNotification > notifiedChunks.load(ordering: .relaxed) / chunksPerNotification else {
            return
        }
        notifiedChunks.store(count, ordering: .relaxed)
        send()
    }

    /// When this returns, the timer has sent its last.
    package func stop() {
        timer?.cancel()
        queue.sync {}
    }
}
