// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import Synchronization
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
            for region in try DataRegions(of: file).parts(of: range) {
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
        #expect(try DataRegions(of: file).parts(of: 0..<4096).isEmpty)
        #expect(try DataRegions(of: file).parts(of: 1 << 50..<1 << 51).isEmpty)
    }

    @Test func `the end of a region is looked for once, however many pieces it is read in`() throws {
        let file = ImaginedFile(regions: [0..<1 << 30, 2 << 30..<3 << 30])
        let regions = DataRegions(seek: file.seek)
        for start in stride(from: Int64(0), to: 4 << 30, by: 1 << 20) {
            let range = start..<start + 1 << 20
            let isData = start < 1 << 30 || 2 << 30..<3 << 30 ~= start
            #expect(try regions.parts(of: range) == (isData ? [range] : []))
        }
        #expect(file.holesLookedFor == 2)
    }

    @Test func `a hole that is filled between two questions is data`() throws {
        let file = ImaginedFile(regions: [0..<4096])
        let regions = DataRegions(seek: file.seek)
        #expect(try regions.parts(of: 0..<65536) == [0..<4096])
        file.set([0..<4096, 8192..<12288])
        #expect(try regions.parts(of: 0..<65536) == [0..<4096, 8192..<12288])
        file.set([0..<65536])
        #expect(try regions.parts(of: 4096..<65536) == [4096..<65536])
    }

    @Test func `what became a hole, or grew, is read as far as it was known, and then asked about`() throws {
        let file = ImaginedFile(regions: [0..<32768])
        let regions = DataRegions(seek: file.seek)
        #expect(try regions.parts(of: 0..<4096) == [0..<4096])
        file.set([])
        #expect(try regions.parts(of: 4096..<65536) == [4096..<32768])
        #expect(try regions.parts(of: 32768..<65536).isEmpty)
        file.set([0..<40000])
        #expect(try regions.parts(of: 30000..<65536) == [30000..<32768, 32768..<40000])
    }

    @Test func `a file that knows no holes, or contradicts itself, is data throughout`() throws {
        let unknowing = DataRegions { target, position in target == .data ? position : nil }
        #expect(try unknowing.parts(of: 4096..<65536) == [4096..<65536])
        let confused = DataRegions { _, position in position }
        #expect(try confused.parts(of: 4096..<65536) == [4096..<65536])
    }
}

/// A file that is nothing but its regions, which may change.
private final class ImaginedFile: Sendable {
    private let regions: Mutex<[Range<Int64>]>
    private let holes = Atomic(0)

    init(regions: [Range<Int64>]) { self.regions = Mutex(regions) }

    var holesLookedFor: Int { holes.load(ordering: .relaxed) }

    func set(_ new: [Range<Int64>]) { regions.withLock { $0 = new } }

    @Sendable func seek(_ target: DataRegions.Target, from position: Int64) -> Int64? {
        let regions = regions.withLock { $0 }
        switch target {
        case .data: return regions.first { $0.upperBound > position }.map { max($0.lowerBound, position) }
        case .hole:
            holes.add(1, ordering: .relaxed)
            return regions.first { $0.contains(position) }?.upperBound ?? position
        }
    }
}
