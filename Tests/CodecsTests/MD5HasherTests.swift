// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import Testing

struct MD5HasherTests {
    @Test(arguments: [  // RFC 1321's examples.
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ])
    func `knows the published digests`(text: String, hex: String) throws {
        let hasher = try MD5Hasher()
        hasher.update(text)
        #expect(hasher.finish().hex == hex)
    }

    @Test func `takes an object in pieces`() throws {
        let hasher = try MD5Hasher()
        for piece in ["", "mess", "a", "ge digest", ""] { hasher.update(piece) }
        #expect(hasher.finish().hex == "f96b697d7cb7938d525a2f31aaf161d0")
    }

    @Test func `starts over after each digest`() throws {
        let hasher = try MD5Hasher()
        hasher.update("an object before")
        _ = hasher.finish()
        hasher.update("abc")
        #expect(hasher.finish().hex == "900150983cd24fb0d6963f7d28e17f72")
    }
}

extension MD5Hasher {
    fileprivate func update(_ text: String) { Array(text.utf8).withUnsafeBytes { update($0) } }
}
