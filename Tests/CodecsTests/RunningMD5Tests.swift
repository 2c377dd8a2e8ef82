// SPDX-License-Identifier: Apache-2.0
import BackupModel
import CMD5
import Codecs
import TestSupport
import Testing

struct RunningMD5Tests {
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"), ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ])
    func `the messages of RFC 1321`(_ message: String, digest: String) {
        #expect(Array(message.utf8).withUnsafeBytes { md5Digest(of: $0).hex } == digest)
    }

    @Test func `any number of messages of any lengths, as libcrypto has them`() throws {
        var random = SeededRandom(seed: 17)
        for count in 0...20 {
            let messages = (0..<count).map { _ in Self.message(using: &random) }
            let guarded = messages.map { GuardedBuffer($0) }
            try withExtendedLifetime(guarded) {
                let expected = try messages.map(Self.reference)
                #expect(md5Digests(of: guarded.map(\.content)) == expected)
            }
        }
    }

    @Test(arguments: [CMD5_ANY, CMD5_AVX2, CMD5_AVX512])
    func `the same for every processor that this one can stand for`(_ processor: cmd5_processor) throws {
        var random = SeededRandom(seed: 19)
        for count in 0...40 {
            let messages = (0..<count).map { _ in
                (0..<64 * Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            let guarded = messages.map { GuardedBuffer($0) }
            func lanes() -> [cmd5_lane] {
                guarded.map { buffer in
                    var lane = cmd5_lane()
                    withUnsafeMutableBytes(of: &lane.state) {
                        cmd5_begin($0.assumingMemoryBound(to: UInt32.self).baseAddress)
                    }
                    lane.bytes = UnsafePointer(buffer.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    lane.blocks = buffer.bytes.count / 64
                    return lane
                }
            }
            var (together, alone) = (lanes(), lanes())
            withExtendedLifetime(guarded) {
                guard cmd5_update_as(processor, &together, count) != 0 else { return }
                for index in alone.indices { cmd5_update(&alone[index], 1) }
                #expect(together.allSatisfy { $0.blocks == 0 })
                #expect(together.map { "\($0.state)" } == alone.map { "\($0.state)" })
            }
        }
    }

    @Test func `pieces of any lengths`() throws {
        var random = SeededRandom(seed: 18)
        for _ in 0..<100 {
            let messages = (0..<Int.random(in: 1...9, using: &random)).map { _ in Self.message(using: &random) }
            var running = [RunningMD5](repeating: RunningMD5(), count: messages.count)
            var positions = [Int](repeating: 0, count: messages.count)
            while positions != messages.map(\.count) {
                let pieces = messages.indices.map { index in
                    let rest = messages[index].count - positions[index]
                    let count = min(rest, [0, 1, 63, 64, 65, 1000, rest].randomElement(using: &random) ?? rest)
                    defer { positions[index] += count }
                    return Array(messages[index][positions[index]..<positions[index] + count])
                }
                let guarded = pieces.map { GuardedBuffer($0) }
                withExtendedLifetime(guarded) { updateMD5s(&running, with: guarded.map(\.content)) }
            }
            let expected = try messages.map(Self.reference)
            #expect(running.map { $0.finish() } == expected)
            #expect(running.map { $0.finish() } == expected, "finishing changes nothing")
        }
    }

    private static func message(using random: inout SeededRandom) -> [UInt8] {
        let short = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 4096].randomElement(using: &random)
        let length = Bool.random(using: &random) ? short ?? 0 : .random(in: 0...20_000, using: &random)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func reference(_ message: [UInt8]) throws -> MD5Digest {
        let hasher = try MD5Hasher()
        message.withUnsafeBytes { hasher.update($0) }
        return hasher.finish()
    }
}

extension GuardedBuffer {
    fileprivate var content: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}
