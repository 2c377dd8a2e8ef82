// SPDX-License-Identifier: Apache-2.0
import CCrypto

/// A running digest of libcrypto's; one allocation for many digests. Not shared between threads.
final class DigestContext {
    private let context: OpaquePointer

    /// - Throws: ``CodecError/digestUnavailable(name:)``.
    init(_ algorithm: DigestAlgorithm) throws(CodecError) {
        guard let implementation = algorithm.implementation, let context = EVP_MD_CTX_new() else {
            throw .digestUnavailable(name: algorithm.name)
        }
        self.context = context
        guard EVP_DigestInit_ex2(context, implementation, nil) == 1 else {
            throw .digestUnavailable(name: algorithm.name)
        }
    }

    deinit { EVP_MD_CTX_free(context) }

    // None of the calls below allocates or can fail on a context that was started once: a failure is our mistake.

    func update(_ bytes: UnsafeRawBufferPointer) {
        let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1)
    }

    /// Hands the digest to `body` and starts over.
    func finish<Digest>(_ body: (UnsafeRawBufferPointer) -> Digest) -> Digest {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { buffer in
            var byteCount: UInt32 = 0
            let isFinal = EVP_DigestFinal_ex(context, buffer.baseAddress, &byteCount)
            let isRestarted = EVP_DigestInit_ex2(context, nil, nil)
            precondition(isFinal == 1 && isRestarted == 1)
            return body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer).prefix(Int(byteCount))))
        }
    }
}
