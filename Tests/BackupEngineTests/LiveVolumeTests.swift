// SPDX-License-Identifier: Apache-2.0
import BackupEngine
import Foundation
import Glibc
import Posix
import Synchronization
import TestSupport
import Testing

/// Volumes that others write to while they are read.
struct LiveVolumeTests {
    /// On file systems that allocate late (ext4, xfs) a direct read that meets such a writer is an error now and then.
    @Test(arguments: [1, 2])
    func `a hole that a mapping fills while it is read gives what was written, and no error`(_ writers: Int) throws {
        let scratch = try TemporaryDirectory()
        for round in 0..<(isSoak ? 200 : 6) {
            let volume = try MappedVolume(scratch.path("volume-\(round)"), pages: 2048)
            let reader = try VolumeReader(OpenFile(volume.path, O_RDONLY))
            let memory = try AlignedBuffer(byteCount: Self.chunkBytes + VolumeReader.slackBytes)
            let group = DispatchGroup()
            for writer in 0..<writers {
                DispatchQueue.global().async(group: group) {
                    volume.fill(of: writers, writer, seed: UInt64(round))
                }
            }
            repeat { try check(volume, reader, memory.bytes) } while group.wait(timeout: .now()) == .timedOut
            #expect(try check(volume, reader, memory.bytes) == volume.pages, "at rest")
            unlink(volume.path)
        }
    }

    private static let chunkBytes = 1 << 20

    /// Reads the volume once; answers how many pages had been written.
    @discardableResult
    private func check(
        _ volume: MappedVolume, _ reader: VolumeReader, _ memory: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        var count = 0
        for start in stride(from: 0, to: Int(reader.length), by: Self.chunkBytes) {
            let pages = start / 4096..<min(start + Self.chunkBytes, Int(reader.length)) / 4096
            let written = pages.map(volume.isWritten)
            let bytes = try reader.read(Int64(start)..<Int64(pages.upperBound * 4096), into: memory)
            for (page, wasWritten) in zip(pages, written) where wasWritten {
                let place = bytes?.baseAddress.map { $0 + page * 4096 - start }
                #expect(
                    place.map { memchr($0, 0, 4096) == nil } == true, "page \(page) was written before it was read")
                count += 1
            }
        }
        return count
    }

    @Test(.enabled(if: isRoot, "needs root"))
    func `a bad place of a device is named with its offset and length`() throws {
        let scratch = try TemporaryDirectory()
        let image = try OpenFile(scratch.path("image"), O_RDWR | O_CREAT)
        try image.truncate(to: 8 << 20)
        let device = try LoopDevice(over: image.path)
        // Behind the end of what it lies on, such a device has nothing but errors.
        try image.truncate(to: 4 << 20)
        let reader = try VolumeReader(OpenFile(device.path, O_RDONLY))
        let memory = try AlignedBuffer(byteCount: Self.chunkBytes + VolumeReader.slackBytes)
        #expect(try reader.read(3 << 20..<4 << 20, into: memory.bytes) != nil)
        let error = #expect(throws: SystemCallError.self) { try reader.read(5 << 20..<6 << 20, into: memory.bytes) }
        #expect(error?.subject == "1048576 bytes at offset 5242880 of \(device.path)")
        #expect(error?.description.hasSuffix("(errno 5)") == true)
        try image.truncate(to: 8 << 20)
        #expect(try reader.read(5 << 20..<6 << 20, into: memory.bytes) != nil)
    }
}

/// A file that begins as one hole, written to through a mapping; each page once, and never with a zero.
private final class MappedVolume: Sendable {
    let path: String
    let pages: Int
    private let memory: Mapping
    private let written: [Flag]

    private final class Flag: Sendable { let value = Atomic(false) }

    private struct Mapping: @unchecked Sendable {  // a page belongs to one writer
        let bytes: UnsafeMutableRawPointer
    }

    init(_ path: String, pages: Int) throws {
        self.path = path
        self.pages = pages
        let file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL)
        try file.truncate(to: Int64(pages * 4096))
        let bytes = mmap(nil, pages * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
        memory = Mapping(bytes: try #require(bytes != MAP_FAILED ? bytes : nil))
        written = (0..<pages).map { _ in Flag() }
    }

    deinit { munmap(memory.bytes, pages * 4096) }

    func isWritten(_ page: Int) -> Bool { written[page].value.load(ordering: .acquiring) }

    /// Fills this writer's share of the pages, in any order.
    func fill(of writers: Int, _ writer: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for page in stride(from: writer, to: pages, by: writers).shuffled(using: &random) {
            memset(memory.bytes + page * 4096, Int32(1 + page % 255), 4096)
            written[page].value.store(true, ordering: .releasing)
        }
    }
}
