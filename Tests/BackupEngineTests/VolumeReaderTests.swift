// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Glibc
import Posix
import TestSupport
import Testing

struct VolumeReaderTests {
    @Test(arguments: [0, 1, 511, 4095, 4096, 4097, 65535, 65536, 65537, 300_001], UncachedFile.Ways.files)
    func `reads files of every length in chunks of every size`(_ byteCount: Int, ways: UncachedFile.Ways) throws {
        let scratch = try TemporaryDirectory()
        for chunkBytes in [1000, 4096, 7001, 65536, 1 << 20] {
            var random = SeededGenerator(seed: UInt64(byteCount + chunkBytes))
            let volume = SeededVolume(patterns: [.noise, .zeros, .text, .zeros, .noise], of: byteCount, using: &random)
            try volume.write(to: scratch.path("volume"), using: &random)
            let reader = try VolumeReader(OpenFile(scratch.path("volume"), O_RDONLY), ways: ways)
            #expect(reader.length == volume.bytes.count)
            let memory = try AlignedBuffer(byteCount: chunkBytes + VolumeReader.slackBytes)
            for start in stride(from: 0, to: volume.bytes.count, by: chunkBytes) {
                let range = start..<min(start + chunkBytes, volume.bytes.count)
                memory.bytes.initializeMemory(as: UInt8.self, repeating: 0xee)
                let bytes = try reader.read(Int64(range.lowerBound)..<Int64(range.upperBound), into: memory.bytes)
                let expected = Array(volume.bytes[range])
                #expect(bytes.map { Array($0) } ?? [UInt8](repeating: 0, count: range.count) == expected)
            }
        }
    }

    @Test func `a hole is not read`() throws {
        let scratch = try TemporaryDirectory()
        let file = try OpenFile(scratch.path("volume"), O_RDWR | O_CREAT)
        try file.truncate(to: 1 << 40)
        let reader = try VolumeReader(file)
        let memory = try AlignedBuffer(byteCount: 1 << 20)
        #expect(try reader.read(1 << 30..<1 << 30 + 1 << 19, into: memory.bytes) == nil)
    }

    @Test(arguments: ["data", "hole"], [0, 1, 4096, 100_000, 262_143])
    func `a file that has become shorter is an error wherever it ends`(
        _ content: String, byteCount: Int
    ) throws {
        let scratch = try TemporaryDirectory()
        let readings: [(Int, UncachedFile.Ways)] = [
            (262_144, .all), (65536, .cacheOnly), (10_000, .all), (65536, .oldCacheOnly),
        ]
        for (chunkBytes, ways) in readings {
            let file = try OpenFile(scratch.path("volume"), O_RDWR | O_CREAT)
            if content == "data" {
                try [UInt8](repeating: 1, count: 262_144).withUnsafeBytes { try file.write($0, at: 0) }
            } else {
                try file.truncate(to: 262_144)
            }
            let reader = try VolumeReader(file, ways: ways)
            try file.truncate(to: Int64(byteCount))
            let memory = try AlignedBuffer(byteCount: chunkBytes + VolumeReader.slackBytes)
            #expect(throws: EngineError.self, "chunks of \(chunkBytes)") {
                for start in stride(from: Int64(0), to: 262_144, by: chunkBytes) {
                    _ = try reader.read(start..<min(start + Int64(chunkBytes), 262_144), into: memory.bytes)
                }
            }
        }
    }

    @Test func `a file that grows is read as long as it was`() throws {
        let scratch = try TemporaryDirectory()
        let file = try OpenFile(scratch.path("volume"), O_RDWR | O_CREAT)
        try [UInt8](repeating: 1, count: 5000).withUnsafeBytes { try file.write($0, at: 0) }
        let reader = try VolumeReader(file)
        try [UInt8](repeating: 2, count: 5000).withUnsafeBytes { try file.write($0, at: 5000) }
        let memory = try AlignedBuffer(byteCount: 65536)
        #expect(reader.length == 5000)
        #expect(try reader.read(0..<5000, into: memory.bytes).map { Array($0) } == [UInt8](repeating: 1, count: 5000))
    }

    @Test(arguments: ["directory", "/dev/null"])
    func `what is no volume is refused`(_ kind: String) throws {
        let scratch = try TemporaryDirectory()
        let path = kind == "directory" ? scratch.path : kind
        #expect(throws: EngineError.notAVolume(path: path)) { try VolumeReader(OpenFile(path, O_RDONLY)) }
    }
}

extension UncachedFile.Ways {
    fileprivate static let files: [Self] = [.all, .cacheOnly, .oldCacheOnly]
}
