// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Testing

struct DecompressorTests {
    private static let pieces = [1, 7, 4096, 1 << 20]

    @Test(arguments: CompressionAlgorithm.allCases, CompressionLevel.allCases)
    func `gives back small objects in pieces of any size`(
        _ algorithm: CompressionAlgorithm, level: CompressionLevel
    ) throws {
        let decompressor = try makeDecompressor(algorithm)
        for sample in Sample.allCases {
            for count in [0, 1, 100, 3000] {
                let bytes = sample.bytes(count)
                let object = algorithm == .none ? bytes : try packed(bytes, algorithm, level: level)
                for (inputPiece, outputPiece) in Self.piecePairs {
                    decompressor.reset()
                    let unpacked = try decompressor.unpack(object, inputPiece: inputPiece, outputPiece: outputPiece)
                    #expect(unpacked == bytes, "\(sample), \(count) bytes, pieces of \(inputPiece), \(outputPiece)")
                }
            }
        }
    }

    private static let piecePairs = pieces.flatMap { input in pieces.map { (input, $0) } }

    @Test(arguments: CompressionAlgorithm.allCases, CompressionLevel.allCases)
    func `gives back large objects`(_ algorithm: CompressionAlgorithm, level: CompressionLevel) throws {
        let decompressor = try makeDecompressor(algorithm)
        let counts = [32768, (1 << 20) - 1, (1 << 20) + 1] + (level == .normal ? [1 << 20, 5 << 20] : [])
        for sample in Sample.allCases {
            for count in counts {
                let bytes = sample.bytes(count)
                let object = algorithm == .none ? bytes : try packed(bytes, algorithm, level: level)
                for (inputPiece, outputPiece) in [(4093, 65536), count > 32768 ? (Int.max, count + 1) : (7, 101)] {
                    decompressor.reset()
                    let unpacked = try decompressor.unpack(object, inputPiece: inputPiece, outputPiece: outputPiece)
                    #expect(unpacked == bytes, "\(sample), \(count) bytes, pieces of \(inputPiece), \(outputPiece)")
                }
            }
        }
    }

    /// The checksum may come after the last byte of output: the caller's next call, with a spare byte, reads it.
    @Test(arguments: packedAlgorithms, Sample.allCases)
    func `finishes though the output is exactly as long as the object`(
        _ algorithm: CompressionAlgorithm, sample: Sample
    ) throws {
        let bytes = sample.bytes(50_000)
        let decompressor = try makeDecompressor(algorithm)
        let (exact, spare) = (GuardedBuffer(count: bytes.count), GuardedBuffer(count: 1))
        try packed(bytes, algorithm).withUnsafeBytes { object throws in
            var input = object
            #expect(try decompressor.decompress(&input, into: exact.bytes) == bytes.count)
            #expect(try decompressor.decompress(&input, into: spare.bytes) == 0)
            #expect(decompressor.isFinished)
        }
        #expect(Array(exact.bytes) == bytes)
        #expect(throws: Never.self) { try decompressor.finish() }
    }

    @Test(arguments: packedAlgorithms)
    func `a call without room or without input returns at once`(_ algorithm: CompressionAlgorithm) throws {
        let bytes = Sample.text.bytes(1000)
        let decompressor = try makeDecompressor(algorithm)
        let room = GuardedBuffer(count: 2000)
        let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        try packed(bytes, algorithm).withUnsafeBytes { object throws in
            for _ in 0..<100 {
                var (input, nothing) = (object, UnsafeRawBufferPointer(start: nil, count: 0))
                #expect(try decompressor.decompress(&input, into: none) == 0)
                #expect(try decompressor.decompress(&nothing, into: room.bytes) == 0)
                #expect(input.count == object.count)
            }
            var input = object
            #expect(try decompressor.decompress(&input, into: room.bytes) == bytes.count)
            for _ in 0..<100 { #expect(try decompressor.decompress(&input, into: room.bytes) == 0) }
            #expect(decompressor.isFinished)
        }
    }

    @Test func `none may end anywhere`() throws {
        let decompressor = try makeDecompressor(.none)
        #expect(!decompressor.isFinished)
        #expect(throws: Never.self) { try decompressor.finish() }
        #expect(try decompressor.unpack([1, 2, 3], outputPiece: 2) == [1, 2, 3])
        #expect(!decompressor.isFinished)
    }

    @Test(arguments: packedAlgorithms)
    func `refuses a truncated stream`(_ algorithm: CompressionAlgorithm) throws {
        var random = SeededRandom.printed()
        let decompressor = try makeDecompressor(algorithm)
        for (sample, count) in [(Sample.text, 0), (.text, 300), (.zeros, 3_000_000), (.text, 400_000)] {
            let object = try packed(sample.bytes(count), algorithm)
            let ends = [0, object.count - 1] + Array(1..<object.count - 1).shuffled(using: &random).prefix(300)
            for end in ends {
                decompressor.reset()
                #expect(throws: CodecError.truncated(algorithm), "\(sample), \(end) of \(object.count) bytes") {
                    try decompressor.unpack(Array(object.prefix(end)), inputPiece: 1000)
                }
            }
        }
    }

    @Test(arguments: packedAlgorithms)
    func `never takes a flipped bit for the truth`(_ algorithm: CompressionAlgorithm) throws {
        var random = SeededRandom.printed()
        let decompressor = try makeDecompressor(algorithm)
        for (sample, count) in [(Sample.text, 40), (.noise, 60), (.text, 5000), (.zeros, 200_000)] {
            let bytes = sample.bytes(count)
            let object = try packed(bytes, algorithm)
            let bits = Array(0..<object.count * 8).shuffled(using: &random).prefix(1500)
            for bit in bits {
                var damaged = object
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                decompressor.reset()
                guard let unpacked = try? decompressor.unpack(damaged, limit: 1 << 22) else { continue }
                #expect(unpacked == bytes, "\(sample), \(count) bytes, bit \(bit)")
            }
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `survives garbage`(_ algorithm: CompressionAlgorithm) throws {
        var random = SeededRandom.printed()
        let decompressor = try makeDecompressor(algorithm)
        let object = algorithm == .none ? [] : try packed(Sample.text.bytes(3000), algorithm)
        for _ in 0..<2000 {
            let garbage = Self.garbage(after: object, from: &random)
            let inputPiece = Int.random(in: 1...1000, using: &random)
            let outputPiece = Int.random(in: 1...10_000, using: &random)
            decompressor.reset()
            _ = try? decompressor.unpack(garbage, inputPiece: inputPiece, outputPiece: outputPiece, limit: 1 << 20)
        }
    }

    /// Noise behind a good beginning of any length, or a good object with some bytes of noise in it.
    private static func garbage(after object: [UInt8], from random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(object.prefix(Int.random(in: 0...min(100, object.count), using: &random)))
        bytes += Sample.noise(Int.random(in: 0...2000, using: &random), from: &random)
        guard !object.isEmpty, Bool.random(using: &random) else { return bytes }
        bytes = object
        for _ in 0..<Int.random(in: 1...10, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }

    @Test(arguments: packedAlgorithms)
    func `stays failed until it is reset`(_ algorithm: CompressionAlgorithm) throws {
        let bytes = Sample.text.bytes(1000)
        let object = try packed(bytes, algorithm)
        let decompressor = try makeDecompressor(algorithm)
        let error = try #require(throws: CodecError.self) { try decompressor.unpack([0xFF] + object) }
        #expect(throws: error) { try decompressor.unpack(object) }
        #expect(throws: error) { try decompressor.finish() }
        #expect(!decompressor.isFinished)
        decompressor.reset()
        #expect(try decompressor.unpack(object) == bytes)
    }

    @Test(arguments: packedAlgorithms)
    func `forgets a half-read object when it is reset`(_ algorithm: CompressionAlgorithm) throws {
        let bytes = Sample.text.bytes(100_000)
        let object = try packed(bytes, algorithm)
        let decompressor = try makeDecompressor(algorithm)
        for end in [1, 10, object.count / 2, object.count - 1, object.count] {
            _ = try? decompressor.unpack(Array(object.prefix(end)), limit: 1)
            decompressor.reset()
            #expect(!decompressor.isFinished)
            #expect(try decompressor.unpack(object) == bytes)
            decompressor.reset()
        }
    }

    @Test(arguments: packedAlgorithms)
    func `a bomb fills no more than the caller's buffer`(_ algorithm: CompressionAlgorithm) throws {
        let bomb = try packed(Sample.zeros.bytes(10_000_000), algorithm)
        #expect(bomb.count < 100_000)
        let decompressor = try makeDecompressor(algorithm)
        let output = GuardedBuffer(count: 65536)
        var total = 0
        try bomb.withUnsafeBytes { object throws in
            var input = object
            while !decompressor.isFinished {
                let count = try decompressor.decompress(&input, into: output.bytes)
                #expect(count == min(65536, 10_000_000 - total))
                total += count
            }
        }
        #expect(total == 10_000_000)
    }
}
