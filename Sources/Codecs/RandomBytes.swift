// SPDX-License-Identifier: Apache-2.0
import CCrypto

/// Bytes that nobody can guess, from libcrypto's generator: for the API token.
///
/// - Throws: ``CodecError/noRandomness``.
package func randomBytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes_ex(nil, &bytes, count, 0) == 1 else { throw CodecError.noRandomness }
    return bytes
}

/// The same in hexadecimal: two digits per byte.
package func randomHex(_ byteCount: Int) throws -> String {
    try randomBytes(byteCount).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
