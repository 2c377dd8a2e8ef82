// SPDX-License-Identifier: Apache-2.0

/// What C calls a buffer: a pointer that is never NULL, and a length in 32 bits.
///
/// The libraries count in 32 bits, so a longer buffer shows its first 4 GiB; callers that stream come back for the
/// rest. Several of them refuse NULL even with a length of 0, so an empty buffer points at a byte that nobody reads.
extension UnsafeRawBufferPointer {
    /// The bytes, for libraries whose input is not `const`. They do not write to it.
    func withBytes<R>(_ body: (UnsafeMutablePointer<UInt8>, UInt32) throws -> R) rethrows -> R {
        var nothing: UInt8 = 0
        guard let baseAddress, !isEmpty else { return try body(&nothing, 0) }
        let bytes = UnsafeMutableRawPointer(mutating: baseAddress).assumingMemoryBound(to: UInt8.self)
        return try body(bytes, UInt32(clamping: count))
    }
}

extension UnsafeMutableRawBufferPointer {
    func withBytes<R>(_ body: (UnsafeMutablePointer<UInt8>, UInt32) throws -> R) rethrows -> R {
        try UnsafeRawBufferPointer(self).withBytes(body)
    }
}
