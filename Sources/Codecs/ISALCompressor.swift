// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CISAL

/// ISA-L's deflate, level 1: ordinary zlib streams (RFC 1950), much faster than zlib writes them.
final class ISALCompressor: OneShotCompressor {
    private let deflater: OpaquePointer

    init() throws {
        guard let deflater = cisal_deflater_new() else { throw CodecError.outOfMemory(.zlib) }
        self.deflater = deflater
    }

    deinit { cisal_deflater_free(deflater) }

    func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isAbandoned: () -> Bool
    ) throws -> Int? {
        let packed = input.withBytes { inputBytes, inputCount in
            output.withBytes { cisal_deflate_zlib(deflater, inputBytes, inputCount, $0, $1) }
        }
        guard packed < 0 else { return Int(packed) }
        guard packed == CISAL_DOES_NOT_FIT else { throw CodecError.libraryFailed(.zlib, reason: "isal_deflate") }
        return nil
    }
}
