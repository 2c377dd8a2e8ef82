// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Testing

struct ISALDecoderTests {
    private let bytes = Sample.text.bytes(5000)

    @Test func `reads what zlib writes`() throws {
        #expect(try unpacked(ZlibReference.deflate(bytes, windowBits: 15), .zlib) == bytes)
        #expect(try unpacked(ZlibReference.deflate(bytes, windowBits: 9), .zlib) == bytes)
    }

    @Test(arguments: [("a .gz file", Int32(31)), ("raw deflate", -15)])
    func `refuses other wrappers`(_ name: String, windowBits: Int32) throws {
        let object = ZlibReference.deflate(bytes, windowBits: windowBits)
        #expect(throws: CodecError.corrupt(.zlib, reason: "no zlib header"), "\(name)") { try unpacked(object, .zlib) }
    }

    @Test(arguments: [1, 7, Int.max])
    func `ignores bytes after the stream`(inputPiece: Int) throws {
        let object = try packed(bytes, .zlib)
        let decompressor = try makeDecompressor(.zlib)
        #expect(try decompressor.unpack(object + Sample.noise.bytes(3000), inputPiece: inputPiece) == bytes)
        decompressor.reset()
        #expect(try decompressor.unpack(object + object, inputPiece: inputPiece) == bytes, "a second stream, too")
    }

    @Test func `refuses a wrong checksum`() throws {
        var object = try packed(bytes, .zlib)
        object[object.count - 1] ^= 1
        #expect(throws: CodecError.corrupt(.zlib, reason: "wrong checksum")) { try unpacked(object, .zlib) }
    }

    @Test func `refuses a stream that needs a dictionary`() {
        #expect(throws: CodecError.corrupt(.zlib, reason: "needs a dictionary")) {
            try unpacked([0x78, 0xBB, 0, 0, 0, 1, 3, 0], .zlib)  // RFC 1950 §2.2: FDICT, then the dictionary's id.
        }
    }
}
