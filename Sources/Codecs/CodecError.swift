// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// What can go wrong between bytes and packed bytes.
package enum CodecError: Error, Equatable, CustomStringConvertible {
    /// The packed bytes are not what the algorithm writes; `reason` is the library's word for it.
    case corrupt(CompressionAlgorithm, reason: String)
    /// The packed bytes stop before the stream's end.
    case truncated(CompressionAlgorithm)
    /// The library had no memory for its context.
    case outOfMemory(CompressionAlgorithm)
    /// More bytes than one call packs.
    case inputTooLong(byteCount: Int, limit: Int)
    /// A library refused a call that it should not refuse: our bug or its own.
    case libraryFailed(CompressionAlgorithm, reason: String)
    /// The caller did not want the result any more.
    case abandoned
    /// libcrypto offers no such digest, or had no memory for its context.
    case digestUnavailable(name: String)
    /// libcrypto's generator has no seed.
    case noRandomness

    package var description: String {
        switch self {
        case .corrupt(let algorithm, let reason): "the \(algorithm) data are corrupt (\(reason))"
        case .truncated(let algorithm): "the \(algorithm) data end before the end of their stream"
        case .outOfMemory(let algorithm): "there is not enough memory for a \(algorithm) context"
        case .inputTooLong(let byteCount, let limit): "\(byteCount) bytes cannot be packed at once (limit \(limit))"
        case .libraryFailed(let algorithm, let reason): "the \(algorithm) library failed (\(reason))"
        case .abandoned: "abandoned"
        case .digestUnavailable(let name): "libcrypto does not provide \(name)"
        case .noRandomness: "libcrypto cannot provide random bytes"
        }
    }
}
