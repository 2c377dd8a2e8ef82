// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Testing

/// The rules are those of Python's `bz2.decompress`.
struct Bzip2DecoderTests {
    private let bytes = Sample.text.bytes(5000)

    @Test(arguments: [1, 7, Int.max])
    func `reads one stream after the other`(inputPiece: Int) throws {
        let object = try packed(bytes, .bz2) + packed([], .bz2) + packed([1, 2, 3], .bz2, level: .fast)
        let decompressor = try makeDecompressor(.bz2)
        #expect(try decompressor.unpack(object, inputPiece: inputPiece, outputPiece: 999) == bytes + [1, 2, 3])
    }

    private static let garbage = ["\0", "garbage", "BZip", "BZh0", "BZh9garbage", String(repeating: "x", count: 5000)]

    @Test(arguments: garbage, [1, Int.max])
    func `ignores garbage after a stream`(_ garbage: String, inputPiece: Int) throws {
        let decompressor = try makeDecompressor(.bz2)
        let object = try packed(bytes, .bz2) + garbage.utf8
        #expect(try decompressor.unpack(object, inputPiece: inputPiece) == bytes)
        #expect(decompressor.isFinished)
    }

    @Test(arguments: ["B", "BZh", "BZh9"])
    func `a further stream that has only begun is truncated`(_ beginning: String) throws {
        let object = try packed(bytes, .bz2) + beginning.utf8
        #expect(throws: CodecError.truncated(.bz2)) { try unpacked(object, .bz2) }
    }

    @Test func `a further stream that breaks off is truncated`() throws {
        let object = try packed(bytes, .bz2)
        #expect(throws: CodecError.truncated(.bz2)) { try unpacked(object + object.dropLast(), .bz2) }
    }

    @Test func `garbage alone is no stream`() {
        let garbage = Array("hello".utf8)
        #expect(throws: CodecError.corrupt(.bz2, reason: "not a bz2 stream")) { try unpacked(garbage, .bz2) }
    }
}
