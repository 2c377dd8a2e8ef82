// SPDX-License-Identifier: Apache-2.0
import CZlib

/// zlib itself, called the plain way, to compare with and to write what we do not write.
enum ZlibReference {
    static func inflate(_ packed: [UInt8], byteCount: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: byteCount + 1)
        var count = UInt(bytes.count)
        guard uncompress(&bytes, &count, packed, UInt(packed.count)) == Z_OK else { return nil }
        return Array(bytes.prefix(Int(count)))
    }

    /// `windowBits`: 15 zlib, 31 a .gz file, -15 raw deflate.
    static func deflate(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var bytes = bytes
        var packed = [UInt8](repeating: 0, count: bytes.count * 2 + 100)
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        deflateInit2_(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        bytes.withUnsafeMutableBufferPointer { input in
            packed.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                _ = CZlib.deflate(&stream, Z_FINISH)
            }
        }
        let count = Int(stream.total_out)
        deflateEnd(&stream)
        return Array(packed.prefix(count))
    }
}
