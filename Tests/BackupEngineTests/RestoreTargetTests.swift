// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import BackupModel
import Foundation
import Glibc
import ObjectStorage
import Posix
import TestSupport
import Testing

struct RestoreTargetTests {
    private let chain: BackupChain

    init() throws { chain = try BackupChain(MemoryObjectStore(), poolBytes: 32 << 20) }

    private func backUp(_ volume: SeededVolume) throws -> RestoreChain {
        var random = SeededGenerator(seed: 19)
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib), chunkBytes: 1 << 20, isFull: true)
        return try chain.engine.openChain(point.layers)
    }

    private func file(_ name: String, filledWith byteCount: Int) throws -> OpenFile {
        let file = try OpenFile(chain.path(name), O_RDWR | O_CREAT | O_TRUNC)
        try [UInt8](repeating: 0xa5, count: byteCount).withUnsafeBytes { try file.write($0, at: 0) }
        return file
    }

    private func bytes(_ file: OpenFile) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: file.path)))
    }

    @Test(arguments: [true, false])
    func `zeros become holes, in a new file and in one that held something`(_ isNew: Bool) throws {
        var random = SeededGenerator(seed: 20)
        let volume = SeededVolume(patterns: [.noise, .zeros, .zeros, .zeros], of: 4 << 20, using: &random)
        let chain = try backUp(volume)
        let file = try file("target", filledWith: isNew ? 0 : 4 << 20)
        let target = try RestoreTarget(file, isNew: isNew)
        try self.chain.engine.restore(chain, to: target, control: JobControl())
        #expect(try bytes(file) == volume.bytes)
        #expect(target.hasBeenWritten)
        #expect(try FileStatus(of: file.path, followingLink: false).storedBytes < 3 << 20)
    }

    @Test func `runs of zeros of every length at every place are written or punched`() throws {
        var random = SeededGenerator(seed: 21)
        var volume = SeededVolume(patterns: [.noise], of: 3 << 20, using: &random)
        for byteCount in [1, 4095, 4096, 4097, 8191, 65535, 65536, 65537, 131_072] {
            for _ in 0..<4 {
                let start = Int.random(in: 0..<(3 << 20), using: &random)
                volume.change(.zeros, start..<start + byteCount, using: &random)
            }
        }
        volume.change(.zeros, 1 << 20 - 70_000..<1 << 20 + 70_000, using: &random)
        let chain = try backUp(volume)
        for isNew in [true, false] {
            let file = try file("target", filledWith: isNew ? 0 : 3 << 20)
            try self.chain.engine.restore(chain, to: RestoreTarget(file, isNew: isNew), control: JobControl())
            #expect(try bytes(file) == volume.bytes)
        }
    }

    @Test func `newer zeros take the place of what the full backup has written around them`() throws {
        var random = SeededGenerator(seed: 23)
        var volume = SeededVolume(patterns: [.noise], of: 4 << 20, using: &random)
        try volume.write(to: chain.path("volume"), using: &random)
        try chain.backUp(chain.path("volume"), Compression(.zlib), chunkBytes: 1 << 20, isFull: true)
        // Blocks of 4 KiB: gaps to be written over, and one that is too long for it.
        for (index, byteCount) in [4096, 8192, 65536, 131_072, 1_000_000].enumerated() {
            volume.change(.zeros, index * 600_000..<index * 600_000 + byteCount, using: &random)
        }
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib), chunkBytes: 1 << 20)
        for isNew in [true, false] {
            let file = try file("target", filledWith: isNew ? 0 : 4 << 20)
            try chain.engine.restore(
                chain.engine.openChain(point.layers), to: RestoreTarget(file, isNew: isNew), control: JobControl())
            #expect(try bytes(file) == volume.bytes)
            #expect(try FileStatus(of: file.path, followingLink: false).storedBytes <= 4 << 20 - 1_100_000)
        }
    }

    @Test(.enabled(if: isRoot)) func `on a device objects and zeros may meet inside a page`() throws {
        var random = SeededGenerator(seed: 25)
        var volume = SeededVolume(patterns: [.noise], of: 16 << 20, using: &random)
        for _ in 0..<24 {
            let start = Int.random(in: 0..<32_000, using: &random) * 512
            volume.change(.zeros, start..<start + Int.random(in: 100...2000, using: &random) * 512, using: &random)
        }
        try volume.write(to: chain.path("volume"), using: &random)
        let point = try chain.backUp(chain.path("volume"), Compression(.zlib), chunkBytes: 301 * 512, blockBytes: 512)
        for _ in 0..<4 {
            let device = try LoopDevice(over: file("image", filledWith: volume.bytes.count).path)
            let file = try OpenFile(device.path, O_RDWR)
            try chain.engine.restore(
                chain.engine.openChain(point.layers), to: RestoreTarget(file, isNew: false), control: JobControl())
            var restored = [UInt8](repeating: 1, count: volume.bytes.count)
            // The target was closed.
            let again = try OpenFile(device.path, O_RDONLY)
            _ = try restored.withUnsafeMutableBytes { try again.read(into: $0, at: 0) }
            #expect(restored == volume.bytes)
        }
    }

    @Test(.enabled(if: isRoot, "needs root"))
    func `a target that takes no write has not been written to`() throws {
        var random = SeededGenerator(seed: 26)
        let chain = try backUp(SeededVolume(patterns: [.noise], of: 1 << 20, using: &random))
        let device = try LoopDevice(over: file("image", filledWith: 1 << 20).path)
        let target = try RestoreTarget(OpenFile(device.path, O_RDWR), isNew: false)
        try Shell.run("blockdev", "--setro", device.path)
        // The kernel remembers it beyond the detaching.
        defer { _ = try? Shell.run("blockdev", "--setrw", device.path) }
        #expect(throws: SystemCallError.self) {
            try self.chain.engine.restore(chain, to: target, control: JobControl())
        }
        #expect(!target.hasBeenWritten)
        withExtendedLifetime(device) {}
    }

    /// Some bytes of the first write fit, the rest do not.
    @Test(.enabled(if: isRoot, "needs root"))
    func `a target that takes a part of a write has been written to`() throws {
        var random = SeededGenerator(seed: 27)
        let chain = try backUp(SeededVolume(patterns: [.noise], of: 1 << 20, using: &random))
        let scratch = try TemporaryDirectory()
        try Shell.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", scratch.path)
        defer { _ = try? Shell.run("umount", scratch.path) }
        do {
            let file = try OpenFile(scratch.path("target"), O_RDWR | O_CREAT)
            try file.truncate(to: 1 << 20)
            let target = try RestoreTarget(file, isNew: false)
            let error = #expect(throws: SystemCallError.self) {
                try self.chain.engine.restore(chain, to: target, control: JobControl())
            }
            #expect(error?.isOutOfSpace == true)
            #expect(target.hasBeenWritten)
        }
    }

    @Test func `a target that is too small is refused untouched`() throws {
        var random = SeededGenerator(seed: 22)
        let chain = try backUp(SeededVolume(patterns: [.noise], of: 10_000, using: &random))
        let file = try file("target", filledWith: 9999)
        let target = try RestoreTarget(file, isNew: false)
        #expect(throws: EngineError.targetTooSmall(path: file.path, length: 9999, needed: 10_000)) {
            try self.chain.engine.restore(chain, to: target, control: JobControl())
        }
        #expect(!target.hasBeenWritten)
        #expect(try bytes(file) == [UInt8](repeating: 0xa5, count: 9999))
    }

    @Test func `less memory than one object needs is an error`() throws {
        var random = SeededGenerator(seed: 24)
        let volume = SeededVolume(patterns: [.noise], of: 10_000, using: &random)
        for (poolBytes, isEnough) in [(3 << 19, true), (3 << 19 - 4096, false)] {
            let chain = try BackupChain(MemoryObjectStore(), poolBytes: poolBytes)
            try volume.write(to: chain.path("volume"), using: &random)
            let point = try chain.backUp(chain.path("volume"))
            if isEnough {
                #expect(try chain.restore(point.layers) == volume.bytes)
            } else {
                #expect(throws: EngineError.memoryLimitTooSmall(needed: 3 << 19, limit: poolBytes)) {
                    try chain.restore(point.layers)
                }
            }
        }
    }

    @Test func `the target is closed when the restore is done, and only then`() throws {
        var random = SeededGenerator(seed: 26)
        let chain = try backUp(SeededVolume(patterns: [.noise], of: 10_000, using: &random))
        let file = try file("target", filledWith: 10_000)
        let target = try RestoreTarget(file, isNew: false)
        #expect(throws: EngineError.cancelled) {
            try self.chain.engine.restore(
                chain, to: target, control: JobControl(checkpoint: { throw EngineError.cancelled }))
        }
        #expect(file.descriptor != -1)
        try self.chain.engine.restore(chain, to: target, control: JobControl())
        #expect(file.descriptor == -1)
    }

    @Test func `what is no volume is no target`() throws {
        #expect(throws: EngineError.notAVolume(path: "/dev/null")) {
            try RestoreTarget(OpenFile("/dev/null", O_RDWR), isNew: false)
        }
    }

    @Test func `a huge volume with little in it takes little memory, disk and time`() throws {
        let scratch = try TemporaryDirectory()
        let repository = try scratch.directory("repository")
        let chain = try BackupChain(PosixObjectStore(path: repository), poolBytes: 48 << 20)
        let length: Int64 = isSoak ? 64 << 30 : 1 << 30
        let file = try OpenFile(scratch.path("volume"), O_RDWR | O_CREAT)
        try file.truncate(to: length)
        var random = SeededGenerator(seed: 23)
        var pieces: [(offset: Int64, bytes: [UInt8])] = []
        for _ in 0..<8 {
            let bytes = VolumePattern.noise.bytes(100_000, using: &random)
            let offset = Int64.random(in: 0...length - 100_000, using: &random)
            pieces.append((offset, bytes))
        }
        pieces.sort { $0.offset < $1.offset }
        for piece in pieces { try piece.bytes.withUnsafeBytes { try file.write($0, at: piece.offset) } }
        let point = try chain.backUp(
            scratch.path("volume"), Compression(.zstd), chunkBytes: 16 << 20, blockBytes: 1 << 20)
        #expect(point.outcome.sizeBytes == length)
        #expect(point.outcome.storedBytes < 2 << 20)

        let target = try OpenFile(scratch.path("target"), O_RDWR | O_CREAT)
        try chain.engine.restore(
            chain.engine.openChain(point.layers), to: RestoreTarget(target, isNew: true), control: JobControl())
        let again = try OpenFile(target.path, O_RDONLY)
        let status = try FileStatus(of: again)
        #expect(status.length == length)
        #expect(status.storedBytes < 4 << 20)
        for piece in pieces {
            var restored = [UInt8](repeating: 0, count: piece.bytes.count)
            _ = try restored.withUnsafeMutableBytes { try again.read(into: $0, at: piece.offset) }
            #expect(restored == piece.bytes)
        }
    }
}
