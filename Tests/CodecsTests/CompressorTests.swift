// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CZstd
import Codecs
import Testing

struct CompressorTests {
    @Test(arguments: packedAlgorithms, CompressionLevel.allCases)
    func `what does not get shorter stays raw`(_ algorithm: CompressionAlgorithm, level: CompressionLevel) throws {
        let compressor = try Compressor(algorithm, level: level)
        for count in [1, 2, 100, 32768, 1 << 20] {
            let noise = Sample.noise.bytes(count)
            #expect(try compressor.pack(noise, capacity: count - 1) == nil, "\(count) bytes")
        }
        #expect(try compressor.pack([], capacity: 0) == nil)
    }

    @Test func `none packs nothing`() throws {
        let compressor = try Compressor(.none)
        #expect(try compressor.pack(Sample.zeros.bytes(1000), capacity: 999) == nil)
    }

    @Test(arguments: packedAlgorithms, CompressionLevel.allCases)
    func `fits into any output that is long enough`(
        _ algorithm: CompressionAlgorithm, level: CompressionLevel
    ) throws {
        let compressor = try Compressor(algorithm, level: level)
        for sample in Sample.allCases {
            let bytes = sample.bytes(700)
            let whole = try packed(bytes, algorithm, level: level)
            let spareBytes = algorithm == .zstd ? 16 : 0
            for capacity in 1..<whole.count + 32 {
                let result = try compressor.pack(bytes, capacity: capacity)
                let fits = capacity >= whole.count + (result == nil ? spareBytes : 0)
                #expect(result == (fits ? whole : nil), "\(sample) into \(capacity) of \(whole.count)")
            }
        }
    }

    @Test(arguments: packedAlgorithms, CompressionLevel.allCases)
    func `the bytes do not depend on what was packed before`(
        _ algorithm: CompressionAlgorithm, level: CompressionLevel
    ) throws {
        let compressor = try Compressor(algorithm, level: level)
        for before in Sample.allCases {
            for sample in Sample.allCases where sample != .noise {
                let bytes = sample.bytes(70_000)
                _ = try compressor.pack(before.bytes(100_000), capacity: 10_000)
                let again = try compressor.pack(bytes, capacity: bytes.count)
                let alone = try packed(bytes, algorithm, level: level)
                #expect(again == alone, "\(sample) after \(before)")
            }
        }
    }

    @Test(arguments: packedAlgorithms)
    func `refuses more than the libraries can count`(_ algorithm: CompressionAlgorithm) throws {
        let count = Compressor.maximumInputBytes + 1
        let page = GuardedBuffer(count: 1)  // Never read that far: the length is looked at first.
        let input = UnsafeRawBufferPointer(start: page.bytes.baseAddress, count: count)
        let compressor = try Compressor(algorithm)
        #expect(throws: CodecError.inputTooLong(byteCount: count, limit: count - 1)) {
            try compressor.compress(input, into: page.bytes)
        }
    }

    @Test(arguments: CompressionLevel.allCases)
    func `zlib reads every zlib level`(level: CompressionLevel) throws {
        for sample in Sample.allCases {
            for count in [0, 1, 100, 32768, 300_001] {
                let bytes = sample.bytes(count)
                let packed = try packed(bytes, .zlib, level: level)
                #expect(packed.first == 0x78, "RFC 1950: deflate, window of 32 KiB")
                #expect(ZlibReference.inflate(packed, byteCount: count) == bytes, "\(sample), \(count) bytes")
            }
        }
    }

    /// Older python-zstd needs the size; the checksum is what finds a flipped bit on restore.
    @Test(arguments: CompressionLevel.allCases)
    func `writes one zstd frame with its content size and a checksum`(level: CompressionLevel) throws {
        for count in [0, 1, 255, 256, 65_792, 1 << 20] {
            let frame = try packed(Sample.text.bytes(count), .zstd, level: level)
            #expect(ZSTD_getFrameContentSize(frame, frame.count) == UInt64(count))
            #expect(ZSTD_findFrameCompressedSize(frame, frame.count) == frame.count, "one frame and nothing else")
            #expect(frame[4] & 0b100 != 0, "RFC 8878 §3.1.1.1.1.5: Content_Checksum_flag")
        }
    }
}
