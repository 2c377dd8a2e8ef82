// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import ObjectStorage

/// What every backup, restore and deletion works with: the store, the memory and the threads of the daemon.
///
/// The functions of the engine are synchronous: they run on the caller's thread, top to bottom, and hand only
/// pieces of work to the worker threads, through an `OrderedWindow`.
package final class Engine: Sendable {
    let store: any ObjectStore
    let pool: BufferPool
    let threads: WorkerThreads
    /// How many pieces of work one job has under way at a time, at each of its windows.
    let parallelism: Int
    let spoolDirectory: String
    /// nil: increments read the digests of their parent from the repository.
    package let digestCopies: DigestCopies?
    let level: CompressionLevel
    let benches = Workbenches()
    /// For those who only hash: theirs never come to hold a codec.
    let hashingBenches = Workbenches()
    let zeros = ZeroObjects()
    package let traffic = Traffic()

    /// `spoolDirectory`: where digests and object lists go when they are large; nothing stays there.
    package init(
        store: any ObjectStore, pool: BufferPool, spoolDirectory: String, digestCopies: DigestCopies? = nil,
        level: CompressionLevel = .normal, parallelism: Int
    ) {
        self.store = store
        self.pool = pool
        self.spoolDirectory = spoolDirectory
        self.digestCopies = digestCopies
        self.level = level
        self.parallelism = max(2, parallelism)
        threads = WorkerThreads(limit: 8 * self.parallelism, keeping: self.parallelism)
    }

    func spool<Element: BitwiseCopyable>() -> Spool<Element> { Spool(in: spoolDirectory) }
}
