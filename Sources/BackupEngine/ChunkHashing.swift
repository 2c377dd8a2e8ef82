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
            var zeroRuns: [Range<Int>] = []
            var digests: [SHA256Digest] = []
            digests.reserveCapacity((range.count + blockBytes - 1) / blockBytes)
            // All but the last block have the same length, and every worker asks.
            var known: (length: Int, digest: SHA256Digest)?
            func zeroDigest(_ length: Int, _ block: UnsafeRawBufferPointer?) -> SHA256Digest {
                if let known, known.length == length { return known.digest }
                let digest = zeros.digest(length: length, bench) { block ?? memory.zeros(length) }
                known = (length, digest)
                return digest
            }
            for start in stride(from: 0, to: range.count, by: blockBytes) {
                let end = min(start + blockBytes, range.count)
                let block = bytes.map { UnsafeRawBufferPointer(rebasing: $0[start..<end]) }
                if let block, !isAllZero(block) {
                    digests.append(bench.sha256.digest(of: block))
                } else {
                    zeroRuns.appendJoined(start..<end)
                    digests.append(zeroDigest(end - start, block))
                }
            }
            traffic.addZero(Int64(zeroRuns.reduce(0) { $0 + $1.count }))
            let content = zeroRuns == [0..<range.count] ? nil : bytes
            let noise = try noiseUnit.flatMap { unit in try content.map { try bench.probe().runs(in: $0, unit: unit) } }
            return HashedChunk(
                offset: range.lowerBound, length: range.count, memory: memory, bytes: content, digests: digests,
                runs: (zeroRuns + (noise ?? [])).sorted { $0.lowerBound < $1.lowerBound })
        }
    }
}

extension BufferLease {
    /// The first bytes of the buffer, cleared.
    fileprivate func zeros(_ count: Int) -> UnsafeRawBufferPointer {
        let zeros = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(zeros)
    }
}
