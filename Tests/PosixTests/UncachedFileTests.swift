// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import TestSupport
import Testing

struct UncachedFileTests {
    private static let filesWays: [UncachedFile.Ways] = [.all, .cacheOnly, .oldCacheOnly]

    @Test(arguments: filesWays)
    func `what was written anywhere is read back anywhere`(_ ways: UncachedFile.Ways) throws {
        let scratch = try TemporaryDirectory()
        var random = SeededGenerator(seed: 11)
        let file = try OpenFile(scratch.path("file"), O_RDWR | O_CREAT)
        let uncached = try UncachedFile(file, access: O_RDWR, ways: ways)
        let memory = try AlignedBuffer(byteCount: 1 << 20)
        var content: [UInt8] = []
        for round in 0..<60 {
            let offset = position(below: 1 << 20, using: &random)
            let length = position(below: 400_000, using: &random)
            let start = Bool.random(using: &random) ? 0 : Int.random(in: 0..<5000, using: &random)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + length])
            bytes.initializeMemory(as: UInt8.self, repeating: UInt8(round + 1))
            try uncached.write(UnsafeRawBufferPointer(bytes), at: Int64(offset))
            content += [UInt8](repeating: 0, count: max(0, offset + length - content.count))
            content.replaceSubrange(offset..<offset + length, with: bytes)
            try expectSame(content, uncached, memory, using: &random)
        }
    }

    private func expectSame(
        _ content: [UInt8], _ file: UncachedFile, _ memory: AlignedBuffer, using random: inout SeededGenerator
    ) throws {
        let offset = min(position(below: 1 << 20, using: &random), content.count)
        let start = Bool.random(using: &random) ? 0 : Int.random(in: 0..<5000, using: &random)
        let length = position(below: 500_000, using: &random)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + length])
        let count = try file.read(into: bytes, at: Int64(offset))
        #expect(count == min(length, content.count - offset))
        #expect(Array(bytes[..<max(0, count)]) == Array(content[offset..<offset + max(0, count)]))
    }

    /// Every second one on the border of a page.
    private func position(below limit: Int, using random: inout SeededGenerator) -> Int {
        let position = Int.random(in: 0..<limit, using: &random)
        return Bool.random(using: &random) ? position : position / 4096 * 4096
    }

    @Test func `a large buffer begins on the border of a huge page`() throws {
        for byteCount in [2 << 20, (4 << 20) + 8192, 3_000_001] {
            let buffer = try AlignedBuffer(byteCount: byteCount)
            #expect(UInt(bitPattern: buffer.bytes.baseAddress) % (2 << 20) == 0)
            #expect(buffer.bytes.count == byteCount)
            buffer.bytes.initializeMemory(as: UInt8.self, repeating: 1)
        }
    }
}
