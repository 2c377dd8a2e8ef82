// SPDX-License-Identifier: Apache-2.0

/// One library's way to pack a whole object.
protocol OneShotCompressor: AnyObject {
    /// Packs all of `input`; nil when it does not fit. A library that takes seconds asks `isAbandoned` now and
    /// then, and throws ``CodecError/abandoned``.
    ///
    /// - Precondition: `input` holds at most ``Compressor/maximumInputBytes``; `output` is not empty.
    func compress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isAbandoned: () -> Bool
    ) throws -> Int?
}
