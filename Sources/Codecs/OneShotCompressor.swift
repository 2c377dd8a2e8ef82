// SPDX-License-Identifier: Apache-2.0

/// One library's way to pack a whole object.
protocol OneShotCompressor: AnyObject {
    /// Packs all of `input`; nil when it does not fit.
    ///
    /// - Precondition: `input` holds at most ``Compressor/maximumInputBytes``; `output` is not empty.
    func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int?
}
