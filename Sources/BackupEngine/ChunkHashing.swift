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
}

extension Engine {
    /// Reads one chunk and hashes its blocks; the last block of a volume may be short.
    func readChunk(
        _ range: Range<Int64>, of volume: VolumeReader, blockBytes: Int, memory: BufferLease
    ) throws -> HashedChunk {
        try hashingBenches.withBench { bench in
            let bytes = try volume.read(range, into: memory.bytes)
            var isZero = true
            var zeroBytes = 0
            var digests: [SHA256Digest] = []
            digests.reserveCapacity((range.count + blockBytes - 1) / blockBytes)
            for start in stride(from: 0, to: range.count, by: blockBytes) {
                let end = min(start + blockBytes, range.count)
                let block = bytes.map { UnsafeRawBufferPointer(rebasing: $0[start..<end]) }
                if let block, !isAllZero(block) {
                    isZero = false
                    digests.append(bench.sha256.digest(of: block))
                } else {
                    zeroBytes += end - start
                    digests.append(
                        zeros.digest(length: end - start, bench) { block ?? memory.zeros(end - start) })
                }
            }
            traffic.addZero(Int64(zeroBytes))
            return HashedChunk(
                offset: range.lowerBound, length: range.count, memory: memory, bytes: isZero ? nil : bytes,
                digests: digests)
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
