// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// Unpacks objects as streams: memory does not grow with the object, and a bomb fills no more than the caller's buffer.
///
/// For each object: hand over its bytes in pieces of any size, collect the output in buffers of any size, call
/// ``finish()`` when the object ends, ``reset()`` before the next. A call returns when the output is full, or when
/// there is nothing more to get from this input, which is then empty. Output may be held back when the output is full,
/// so call on, with an empty input if need be, as long as a call fills its output.
///
/// Reusable; not shared between threads.
package protocol Decompressor: AnyObject {
    /// Consumes bytes from the front of `input`, writes to the front of `output` and returns the count written.
    ///
    /// An empty `output` does nothing. After an error every call throws it again until ``reset()``.
    ///
    /// - Throws: ``CodecError``. What was written before the error counts for nothing.
    func decompress(_ input: inout UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int

    /// Whether the input so far is complete: the stream's end was seen, and its checksum, where there is one, is right.
    /// False again when a further bz2 stream or zstd frame begins. Never true for `none`, whose bytes have no end mark.
    var isFinished: Bool { get }

    /// To be called when the object has no more bytes and all output was collected.
    ///
    /// - Throws: ``CodecError/truncated(_:)`` if the stream should have gone on. `none` may end anywhere.
    func finish() throws

    /// Forgets everything, errors included: the next byte is the first of another object.
    func reset()
}

/// - Throws: ``CodecError/outOfMemory(_:)``.
package func makeDecompressor(_ algorithm: CompressionAlgorithm) throws -> any Decompressor {
    switch algorithm {
    case .none: RawDecompressor()
    case .zlib: StreamDecompressor(try ISALDecoder())
    case .bz2: StreamDecompressor(Bzip2Decoder())
    case .zstd: StreamDecompressor(try ZstdDecoder())
    }
}
