// SPDX-License-Identifier: Apache-2.0
import BackupModel
import Codecs
import TestSupport
import Testing

@testable import BackupEngine

struct BlockCheckTests {
    private let length = 47
    private let blockBytes = 10

    private func check() throws -> (check: BlockCheck, bytes: [UInt8]) {
        var random = SeededGenerator(seed: 28)
        let bytes = VolumePattern.noise.bytes(20, using: &random) + [UInt8](repeating: 0, count: 27)
        let digests = Spool<SHA256Digest>(in: "/does/not/exist")
        let hasher = try SHA256Hasher()
        for start in stride(from: 0, to: length, by: blockBytes) {
            let block = bytes[start..<min(start + blockBytes, length)]
            try digests.append(block.withUnsafeBytes { hasher.digest(of: $0) })
        }
        return (
            BlockCheck(
                digests: DigestFile(blockBytes: blockBytes, digests: digests), length: Int64(length)),
            bytes
        )
    }

    @Test func `splits every range into whole blocks and those it cuts`() throws {
        let (check, _) = try check()
        for start in 0..<length {
            for end in start + 1...length {
                let (whole, cut) = check.blocks(in: Int64(start)..<Int64(end))
                for block in 0..<5 {
                    let bytes = block * 10..<min(block * 10 + 10, length)
                    let isWhole = start <= bytes.lowerBound && bytes.upperBound <= end
                    let isTouched = start < bytes.upperBound && bytes.lowerBound < end
                    #expect(whole.contains(block) == isWhole, "\(start)..<\(end), block \(block)")
                    #expect(cut.count { $0 == block } == (isTouched && !isWhole ? 1 : 0), "\(start)..<\(end)")
                }
                #expect(whole.isEmpty || (0..<5).contains(whole.upperBound - 1))
            }
        }
    }

    @Test func `finds the first block that differs, the short last one included`() throws {
        let (check, bytes) = try check()
        let bench = try Workbench()
        func firstDamaged(_ bytes: [UInt8], from block: Int = 0) throws -> Int? {
            try bytes[(block * 10)...].withUnsafeBytes {
                try check.firstDamaged(block..<5, in: $0, at: Int64(block * 10), bench)
            }
        }
        #expect(try firstDamaged(bytes) == nil)
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 0x40
            #expect(try firstDamaged(damaged) == position / 10)
            #expect(try firstDamaged(damaged, from: 2) == (position < 20 ? nil : position / 10))
        }
        #expect(try firstDamaged([UInt8](repeating: 0, count: 47)) == 0)
    }
}
