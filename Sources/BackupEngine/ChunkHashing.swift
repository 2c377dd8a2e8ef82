// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs

/// One chunk of a volume in memory, with the digests of its blocks.
struct HashedChunk: @unchecked Sendable {  // `bytes` lie in `memory` and are only read from here on
    let offset: Int64
    let length: Int
    let memory: BufferLease
    /// nil when all of the chunk is zero: then `memory` holds nothing of it.
    let bytes: UnsafeRawBufferPointer?
    let digests: [SHA256Digest]
    /// Runs of zero blocks, and of noise where that was looked for, in bytes from the start of the chunk.
    let runs: [Range<Int>]
}

extension Engine {
    /// Reads one chunk and hashes its blocks; the last block of a volume may be short.
    /// - Parameter noiseUnit: Bytes in which noise is looked for; nil where nothing will be packed.
    func readChunk(
        _ range: Range<Int64>, of volume: VolumeReader, blockBytes: Int, noiseUnit: Int?, memory: BufferLease
    ) throws -> HashedChunk {
        try hashingBenches.withBench { bench in
            let bytes = try volume.read(range, into: memory.bytes)
            let hashes =
                bytes.map { bench.sha256.hashBlocks(of: $0, blockBytes: blockBytes) }
                ?? bench.sha256.hashBlocks(ofZeros: range.count, blockBytes: blockBytes)
            traffic.addZero(Int64(hashes.zeroRuns.reduce(0) { $0 + $1.count }))
            let content = hashes.zeroRuns == [0..<range.count] ? nil : bytes
            let noise = try noiseUnit.flatMap { unit in try content.map { try bench.probe().runs(in: $0, unit: unit) } }
            return HashedChunk(
                offset: range.lowerBound, length: range.count, memory: memory, bytes: content, digests: hashes.digests,
                runs: (hashes.zeroRuns + (noise ?? [])).sorted { $0.lowerBound < $1.lowerBound })
        }
    }
}
