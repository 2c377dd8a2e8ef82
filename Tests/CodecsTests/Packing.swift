// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs

let packedAlgorithms: [CompressionAlgorithm] = [.zlib, .bz2, .zstd]

extension Compressor {
    /// nil when `bytes` do not pack into `capacity` bytes. Neither buffer can be overrun unnoticed.
    func pack(_ bytes: [UInt8], capacity: Int) throws -> [UInt8]? {
        let input = GuardedBuffer(bytes)
        let output = GuardedBuffer(count: capacity)
        let count = try compress(UnsafeRawBufferPointer(input.bytes), into: output.bytes)
        return count.map { Array(output.bytes.prefix($0)) }
    }
}

/// Packs even what gets longer by it.
func packed(
    _ bytes: [UInt8], _ algorithm: CompressionAlgorithm, level: CompressionLevel = .normal
) throws -> [UInt8] {
    struct DoesNotFit: Error {}
    let capacity = bytes.count + bytes.count / 10 + 1000
    guard let packed = try Compressor(algorithm, level: level).pack(bytes, capacity: capacity) else {
        throw DoesNotFit()
    }
    return packed
}

/// What a hostile stream may at most give in a test.
struct OutputLimitReached: Error {}

extension Decompressor {
    /// All of an object, in pieces of the given sizes (at most). Neither buffer can be overrun unnoticed.
    func unpack(
        _ packed: [UInt8], inputPiece: Int = .max, outputPiece: Int = 1 << 16, limit: Int = .max
    ) throws -> [UInt8] {
        let output = GuardedBuffer(count: outputPiece)
        let object = GuardedBuffer(packed)
        var unpacked: [UInt8] = []
        var rest = UnsafeRawBufferPointer(object.bytes)
        repeat {
            var input = UnsafeRawBufferPointer(rebasing: rest.prefix(inputPiece))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(input.count))
            var count: Int
            repeat {
                count = try decompress(&input, into: output.bytes)
                unpacked += output.bytes.prefix(count)
                guard unpacked.count <= limit else { throw OutputLimitReached() }
            } while count == outputPiece
            precondition(input.isEmpty, "bytes were left though the output had room")
        } while !rest.isEmpty
        try finish()
        return unpacked
    }
}

func unpacked(_ packed: [UInt8], _ algorithm: CompressionAlgorithm) throws -> [UInt8] {
    try makeDecompressor(algorithm).unpack(packed)
}
