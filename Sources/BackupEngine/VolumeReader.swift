// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage

/// Reads a volume: an image file or a block device, whose length is fixed when it is opened.
///
/// A device is read with O_DIRECT, for a buffered read of a mounted one returns stale pages. A file is read
/// past the page cache as well as the file system can, and its holes are not read at all.
package final class VolumeReader: Sendable {
    package let length: Int64
    private let file: OpenFile
    private let uncached: UncachedFile
    private let dataRegions: DataRegions
    private let isDevice: Bool
    private let traffic: Traffic

    /// Memory that a read may need beyond the bytes asked for: room to align both ends.
    package static let slackBytes = 2 * UncachedFile.alignment
    /// Shorter holes are read with what lies around them: a request more takes longer than that.
    private static let shortHoleBytes: Int64 = 256 << 10

    /// - Parameters:
    ///   - ways: What a file system offers; for a file the best of them is taken.
    ///   - traffic: Where the bytes that are read count.
    /// - Throws: `SystemCallError`, `EngineError`: what is no volume, or a device of a kind that cannot be read.
    package init(_ file: OpenFile, ways: UncachedFile.Ways = .all, traffic: Traffic = Traffic()) throws {
        self.file = file
        self.traffic = traffic
        let status = try FileStatus(of: file)
        switch status.kind {
        case .blockDevice:
            let device = try BlockDevice(file)
            guard device.sectorBytes <= UncachedFile.alignment else {
                throw EngineError.sectorsTooLarge(path: file.path, sectorBytes: device.sectorBytes)
            }
            // A card that was taken out, a loop device that was detached: its backup would be one of nothing.
            guard device.bytes > 0 else { throw EngineError.emptyDevice(path: file.path) }
            length = device.bytes
            isDevice = true
        case .file:
            length = status.length
            isDevice = false
        default: throw EngineError.notAVolume(path: file.path)
        }
        uncached = try UncachedFile(file, access: O_RDONLY, ways: isDevice ? .directOnly : ways)
        dataRegions = DataRegions(of: file)
    }

    /// The bytes of `range`, somewhere within `memory`, which must be page-aligned and `slackBytes` longer than
    /// the range; nil when all of it is a hole.
    /// - Throws: `SystemCallError`, which names the bytes that could not be read in two attempts;
    ///   `EngineError.volumeEndedEarly` when the volume has become shorter.
    package func read(
        _ range: Range<Int64>, into memory: UnsafeMutableRawBufferPointer
    ) throws -> UnsafeRawBufferPointer? {
        precondition(range.upperBound <= length && memory.count >= range.count + Self.slackBytes)
        let regions = try isDevice ? [range] : joined(dataRegions.parts(of: range))
        if regions != [range] {
            // Behind the end of a file that has become shorter there is a hole, too.
            try checkLength(reaches: range.upperBound)
            if regions.isEmpty { return nil }
        }
        let start = range.lowerBound.alignedDown
        var position = start
        for region in regions {
            clear(memory, from: position - start, to: region.lowerBound.alignedDown - start)
            try read(region, into: memory, start: start)
            position = region.upperBound.alignedUp
        }
        clear(memory, from: position - start, to: range.upperBound - start)
        let offset = Int(range.lowerBound - start)
        return UnsafeRawBufferPointer(rebasing: memory[offset..<offset + range.count])
    }

    /// Reads the pages that hold `region` to their place in `memory`, which begins with the byte at `start`.
    private func read(_ region: Range<Int64>, into memory: UnsafeMutableRawBufferPointer, start: Int64) throws {
        let pages = region.lowerBound.alignedDown..<region.upperBound.alignedUp
        let place = Int(pages.lowerBound - start)..<Int(pages.upperBound - start)
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[place])
        let count = try readTwice(into: room, at: pages.lowerBound)
        let end = pages.lowerBound + Int64(count)
        guard end >= region.upperBound else { throw endedEarly(at: end) }
        traffic.addRead(Int64(region.count))
    }

    /// Reads, and once more when that fails: a path that fails over and a disk that tries harder give the bytes then.
    ///
    /// The second time a file is read through the page cache. ext4 and xfs answer EIO to a direct read that meets blocks
    /// which a writer to a mapping has just reserved in a hole; a buffered read finds the bytes in the cache.
    private func readTwice(into memory: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        do {
            return try uncached.read(into: memory, at: offset)
        } catch is SystemCallError {
            let again = isDevice ? uncached.read : uncached.readCached
            return try again(memory, offset)
        }
    }

    private func joined(_ regions: [Range<Int64>]) -> [Range<Int64>] {
        var joined: [Range<Int64>] = []
        for region in regions {
            if let last = joined.last, region.lowerBound - last.upperBound < Self.shortHoleBytes {
                joined[joined.count - 1] = last.lowerBound..<region.upperBound
            } else {
                joined.append(region)
            }
        }
        return joined
    }

    private func clear(_ memory: UnsafeMutableRawBufferPointer, from start: Int64, to end: Int64) {
        guard start < end else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory[Int(start)..<Int(end)]).initializeMemory(
            as: UInt8.self, repeating: 0)
    }

    private func checkLength(reaches end: Int64) throws {
        let now = try FileStatus(of: file).length
        guard now >= end else { throw endedEarly(at: now) }
    }

    private func endedEarly(at offset: Int64) -> EngineError {
        .volumeEndedEarly(path: file.path, offset: offset, length: length)
    }
}
