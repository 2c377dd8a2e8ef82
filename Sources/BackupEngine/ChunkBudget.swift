// SPDX-License-Identifier: Apache-2.0

/// How many chunks a backup has in memory, and for what, when it has the pool to itself.
///
/// A worker that stores takes a batch of chunks, so that the MD5 of several objects is computed side by side, and
/// a room for what it packs. Everything else is reading ahead. With less memory, or with more cores, batches are
/// smaller; with very little, one chunk is read and one stored at a time.
struct ChunkBudget: Equatable {
    /// Workers that pack and store at a time: more than cores, for some of them wait for the disk.
    let storing: Int
    /// Chunks that one of them takes.
    let batch: Int
    /// Workers that read and hash at a time, as far as no chunks wait to be stored.
    let reading: Int

    private static let largestBatch = 4

    /// - Parameters:
    ///   - chunks: How many chunks the pool has room for.
    ///   - cores: To be kept busy.
    init(chunks: Int, cores: Int) {
        let share = chunks * 3 / 5
        // One in three waits for the disk.
        let workers = cores + (cores + 1) / 2
        batch = max(min(share / workers - 1, chunks - share - 1, Self.largestBatch), 1)
        storing = min(max(share / (batch + 1), 1), workers)
        // Reading waits for the disk most of the time, and the disk should not wait for it.
        reading = min(max(chunks - storing * (batch + 1), 1), 4 * cores)
    }
}
