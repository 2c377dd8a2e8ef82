// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import TestSupport
import Testing

struct DataRegionsTests {
    @Test func `regions and holes cover the range, and holes read as zeros`() throws {
        let scratch = try TemporaryDirectory()
        var random = SeededGenerator(seed: 29)
        for _ in 0..<100 {
            let file = try OpenFile(scratch.path("file"), O_RDWR | O_CREAT | O_TRUNC)
            let length = Int.random(in: 0...300_000, using: &random)
            try file.truncate(to: Int64(length))
            for _ in 0..<Int.random(in: 0...4, using: &random) where length > 0 {
                let start = Int.random(in: 0..<length, using: &random)
                let piece = [UInt8](repeating: 1, count: min(length - start, .random(in: 1...9000, using: &random)))
                try piece.withUnsafeBytes { try file.write($0, at: Int64(start)) }
            }
            var bytes = [UInt8](repeating: 0, count: length)
            #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) } == length)
            let start = Int.random(in: 0...length, using: &random)
            let range = Int64(start)..<Int64(Int.random(in: start...length, using: &random))
            var position = range.lowerBound
            for region in try file.dataRegions(in: range) {
                #expect(region.lowerBound >= position && region.upperBound <= range.upperBound && !region.isEmpty)
                #expect(bytes[Int(position)..<Int(region.lowerBound)].allSatisfy { $0 == 0 })
                position = region.upperBound
            }
            #expect(bytes[Int(position)..<Int(range.upperBound)].allSatisfy { $0 == 0 })
        }
    }

    @Test func `a range behind the end is a hole`() throws {
        let scratch = try TemporaryDirectory()
        let file = try OpenFile(scratch.path("file"), O_RDWR | O_CREAT)
        #expect(try file.dataRegions(in: 0..<4096).isEmpty)
        #expect(try file.dataRegions(in: 1 << 50..<1 << 51).isEmpty)
    }
}
