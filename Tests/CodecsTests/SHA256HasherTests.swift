// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CSHA256
import Codecs
import TestSupport
import Testing

struct SHA256HasherTests {
    @Test(arguments: [  // FIPS 180-4's examples.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func `knows the published digests`(text: String, hex: String) throws {
        let hasher = try SHA256Hasher()
        #expect(hasher.digest(of: Array(text.utf8)).hex == hex)
        #expect(hasher.digest(of: Array(text.utf8)).hex == hex, "the second time, with the same hasher")
        #expect(hasher.digests(of: [Array(text.utf8), Array(text.utf8)]).map(\.hex) == [hex, hex], "as a pair")
    }

    @Test func `blocks of any lengths, each as alone`() throws {
        let hasher = try SHA256Hasher()
        var random = SeededRandom(seed: 23)
        for length in 0...200 {
            let lengths = (0..<Int.random(in: 0...7, using: &random)).map { _ in
                length + Int.random(in: 0...1, using: &random)
            }
            let blocks = lengths.map { Self.noise($0, using: &random) }
            #expect(hasher.digests(of: blocks) == blocks.map { hasher.digest(of: $0) }, "\(lengths)")
        }
    }

    /// Where the processor cannot do it there is nothing to test, and nothing that is used.
    @Test(.enabled(if: csha256_is_supported() != 0))
    func `pairs have the digests that libcrypto gives`() throws {
        let hasher = try SHA256Hasher()
        var random = SeededRandom(seed: 24)
        for length in Array(0...300) + [4096, 32767, 32768, 1 << 20] {
            let messages = [Self.noise(length, using: &random), Self.noise(length, using: &random)]
            let guarded = messages.map { GuardedBuffer($0) }
            let pair = [UInt8](unsafeUninitializedCapacity: 64) { digests, count in
                csha256_pair(
                    guarded[0].bytes.baseAddress, guarded[1].bytes.baseAddress, length, digests.baseAddress)
                count = 64
            }
            let expected = messages.flatMap { hasher.digest(of: $0).withUnsafeBytes(Array.init) }
            #expect(pair == expected, "\(length) bytes")
        }
    }

    @Test func `zeros of any length`() throws {
        let hasher = try SHA256Hasher()
        for count in [0, 1, 1, 4095, 4096, 4097, 32768, 32768, 1, 100_000] {
            #expect(hasher.digest(ofZeros: count) == hasher.digest(of: [UInt8](repeating: 0, count: count)), "\(count)")
        }
    }

    private static func noise(_ count: Int, using random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}

extension SHA256Hasher {
    fileprivate func digest(of bytes: [UInt8]) -> SHA256Digest { bytes.withUnsafeBytes { digest(of: $0) } }

    fileprivate func digests(of blocks: [[UInt8]]) -> [SHA256Digest] {
        let buffers = blocks.map { GuardedBuffer($0) }
        return withExtendedLifetime(buffers) { digests(of: buffers.map { UnsafeRawBufferPointer($0.bytes) }) }
    }
}
