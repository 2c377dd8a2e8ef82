// SPDX-License-Identifier: Apache-2.0
import BackupModel

/// One library's way to unpack a stream, one call of it at a time. ``StreamDecompressor`` does the rest.
protocol StreamDecoder: AnyObject {
    var algorithm: CompressionAlgorithm { get }

    /// Whether the input so far is complete.
    var isFinished: Bool { get }

    /// Unpacks some of `input` into `output`. A step that neither consumes nor writes needs more input.
    ///
    /// Not called again after it has thrown, until ``reset()``: the libraries do not say what state an error leaves.
    ///
    /// - Precondition: `output` is not empty.
    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> StreamStep

    func reset()
}
