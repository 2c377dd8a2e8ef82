// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Testing

struct ZstdDecoderTests {
    private let bytes = Sample.text.bytes(5000)
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    @Test(arguments: [1, 7, Int.max])
    func `reads one frame after the other`(inputPiece: Int) throws {
        let skippable: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9]
        let object = try packed(bytes, .zstd) + packed([], .zstd) + skippable + packed([1, 2, 3], .zstd)
        let decompressor = try makeDecompressor(.zstd)
        #expect(try decompressor.unpack(object, inputPiece: inputPiece, outputPiece: 999) == bytes + [1, 2, 3])
    }

    private static let garbage: [[UInt8]] = [
        [0], [0xFF, 1, 2, 3], [0x22, 0xB5, 0x2F, 0xFD, 0, 0, 0], [0x28, 0, 0, 0, 0, 0, 0],
    ]

    @Test(arguments: garbage, [1, Int.max])
    func `refuses bytes after a frame that are not a frame`(_ garbage: [UInt8], inputPiece: Int) throws {
        let object = try packed(bytes, .zstd) + garbage
        let error = #expect(throws: CodecError.self) {
            try makeDecompressor(.zstd).unpack(object, inputPiece: inputPiece)
        }
        guard case .corrupt(.zstd, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a further frame that has only begun is truncated`() throws {
        for count in 1...4 {
            let object = try packed(bytes, .zstd) + Self.magic.prefix(count)
            #expect(throws: CodecError.truncated(.zstd)) { try unpacked(object, .zstd) }
        }
    }

    /// RFC 8878 §3.1.1: no content size, the window descriptor's upper five bits are its logarithm less 10, one raw
    /// block of one byte.
    @Test(arguments: [(10, true), (23, true), (24, false), (31, false), (41, false)])
    func `bounds the memory that a frame may ask for`(windowLog: UInt8, isAccepted: Bool) {
        let frame = Self.magic + [0, (windowLog - 10) << 3, 1 << 3 | 1, 0, 0, 7]
        #expect((try? unpacked(frame, .zstd)) == (isAccepted ? [7] : nil))
    }

    @Test func `refuses a frame that claims to be endless`() {
        let singleSegmentOf8Exabytes = Self.magic + [0xE0] + [UInt8](repeating: 0x7F, count: 8) + [9, 0, 0, 7]
        #expect(throws: CodecError.self) { try unpacked(singleSegmentOf8Exabytes, .zstd) }
    }
}
