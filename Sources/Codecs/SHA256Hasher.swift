// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CSHA256

/// SHA-256 of blocks, one call each or many at a time. Reusable; not shared between threads.
package final class SHA256Hasher {
    private let context: DigestContext
    /// What was asked for last: most blocks have the same length.
    private var knownZeros: (count: Int, digest: SHA256Digest)?

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    package init() throws { context = try DigestContext(.sha256) }

    package func digest(of bytes: UnsafeRawBufferPointer) -> SHA256Digest {
        context.update(bytes)
        return context.finish { SHA256Digest(bytes: $0) }
    }

    /// The digest of `count` zeros. Known when the one before was of as many.
    package func digest(ofZeros count: Int) -> SHA256Digest {
        if let knownZeros, knownZeros.count == count { return knownZeros.digest }
        let digest = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 64) { zeros in
            zeros.initializeMemory(as: UInt8.self, repeating: 0)
            for start in stride(from: 0, to: count, by: zeros.count) {
                context.update(UnsafeRawBufferPointer(rebasing: zeros[..<min(zeros.count, count - start)]))
            }
            return context.finish { SHA256Digest(bytes: $0) }
        }
        knownZeros = (count, digest)
        return digest
    }

    /// The digest of each block, in order. Where the processor has instructions for SHA-256, two neighbours of one length
    /// take little longer than one.
    package func digests(of blocks: [UnsafeRawBufferPointer]) -> [SHA256Digest] {
        var digests: [SHA256Digest] = []
        digests.reserveCapacity(blocks.count)
        var index = 0
        while index < blocks.count {
            if index + 1 < blocks.count, Self.canPair(blocks[index], blocks[index + 1]) {
                Self.appendDigests(of: blocks[index], and: blocks[index + 1], to: &digests)
                index += 2
            } else {
                digests.append(digest(of: blocks[index]))
                index += 1
            }
        }
        return digests
    }

    private static let isPairSupported = csha256_is_supported() != 0

    private static func canPair(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Bool {
        isPairSupported && first.count == second.count && !first.isEmpty
    }

    private static func appendDigests(
        of first: UnsafeRawBufferPointer, and second: UnsafeRawBufferPointer, to digests: inout [SHA256Digest]
    ) {
        let digestBytes = SHA256Digest.byteCount
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * digestBytes) { pair in
            csha256_pair(first.baseAddress, second.baseAddress, first.count, pair.baseAddress)
            let bytes = UnsafeRawBufferPointer(pair)
            digests.append(SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: bytes[..<digestBytes])))
            digests.append(SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: bytes[digestBytes...])))
        }
    }
}
