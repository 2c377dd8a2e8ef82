// SPDX-License-Identifier: Apache-2.0
import CCrypto

/// libcrypto's implementation of a digest, fetched once per process: looking it up costs as much as hashing a block.
struct DigestAlgorithm: @unchecked Sendable {  // An EVP_MD is immutable and counts its references atomically.
    static let sha256 = DigestAlgorithm("SHA256", implementation: EVP_MD_fetch(nil, "SHA256", nil))

    /// MD5 tells damage from health in Cinder's metadata, not friend from foe, so a system in FIPS mode may compute it:
    /// from outside the default properties, or from a library context that no configuration file has touched.
    static let md5 = DigestAlgorithm(
        "MD5", implementation: EVP_MD_fetch(nil, "MD5", "-fips") ?? EVP_MD_fetch(OSSL_LIB_CTX_new(), "MD5", "-fips"))

    let name: String
    /// nil where the system's configuration forbids the digest.
    let implementation: OpaquePointer?

    private init(_ name: String, implementation: OpaquePointer?) {
        self.name = name
        self.implementation = implementation
    }
}
