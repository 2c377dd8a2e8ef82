// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Posix
import Synchronization

/// Has the disk write what small objects leave in the page cache while more of them are made, so that the barrier at the
/// end is short. Write-back of each alone, as it is made, takes longer than that of all together.
final class BackgroundFlush: Sendable {
    /// Open for this alone: syncfs(2) tells each descriptor once of an error, and the barrier must hear of all.
    private let directory: OpenFile
    private let unsentBytes = Atomic(0)
    private let isRunning = Atomic(false)
    private let queue = DispatchQueue(label: "flush")
    private static let flushBytes = 32 << 20

    /// - Throws: `SystemCallError` when the directory cannot be opened once more.
    init(of directory: OpenFile) throws {
        self.directory = try OpenFile(in: directory, ".", O_RDONLY | O_DIRECTORY)
    }

    /// So many bytes more are in the cache.
    func add(_ byteCount: Int) {
        guard unsentBytes.add(byteCount, ordering: .relaxed).newValue >= Self.flushBytes,
            isRunning.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else { return }
        unsentBytes.store(0, ordering: .relaxed)
        queue.async {
            // The barrier will fail as well.
            try? self.directory.synchronizeFileSystem()
            self.isRunning.store(false, ordering: .releasing)
        }
    }
}
