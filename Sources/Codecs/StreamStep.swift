// SPDX-License-Identifier: Apache-2.0

/// How far one step got, in bytes.
struct StreamStep {
    var consumed = 0
    var written = 0

    /// Bytes after the end of a stream, which Cinder ignores.
    static func ignoring(_ input: UnsafeRawBufferPointer) -> StreamStep { StreamStep(consumed: input.count) }
}
