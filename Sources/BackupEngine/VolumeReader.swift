// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage
import Synchronization

/// Reads a volume: an image file or a block device, whose length is fixed when it is opened.
///
/// A device is read with O_DIRECT, for a buffered read of a mounted one returns stale pages. A file is read
/// past the page cache as well as the kernel can, and its holes are not read at all.
package final class VolumeReader: Sendable {
    package let length: Int64
    private let file: OpenFile
    private let path: String
    /// The same file with O_DIRECT, and what its offsets, lengths and addresses must be multiples of.
    private let direct: (file: OpenFile, alignment: Int64)?
    private let isDevice: Bool
    private let readsUncached: Atomic<Bool>
    private let refusesDirect = Atomic(false)

    /// For files: the second best way past the page cache, where the kernel does not have the best.
    private var readsDirect: Bool {
        !readsUncached.load(ordering: .relaxed) && direct != nil && !refusesDirect.load(ordering: .relaxed)
    }

    /// Memory that a read may need beyond the bytes asked for: room to align both ends.
    package static let slackBytes = 2 * 4096

    /// - Parameter readsUncached: False where the kernel is known not to have such reads.
    /// - Throws: `SystemCallError`, `EngineError`: what is no volume, or a device of a kind that cannot be read.
    package init(_ file: OpenFile, readsUncached: Bool = true) throws {
        self.file = file
        path = file.path
        let status = try FileStatus(of: file)
        switch status.kind {
        case .blockDevice:
            let device = try BlockDevice(file)
            guard 2 * device.sectorBytes <= Self.slackBytes else {
                throw EngineError.sectorsTooLarge(path: path, sectorBytes: device.sectorBytes)
            }
            length = device.bytes
            direct = (try Self.reopenedDirect(file), Int64(max(device.sectorBytes, 512)))
            isDevice = true
        case .file:
            length = status.length
            direct = (try? Self.reopenedDirect(file)).map { ($0, 4096) }
            isDevice = false
        default: throw EngineError.notAVolume(path: path)
        }
        self.readsUncached = Atomic(readsUncached && !isDevice)
    }

    private static func reopenedDirect(_ file: OpenFile) throws -> OpenFile {
        try OpenFile(reopening: file, O_RDONLY | OpenFile.directReading)
    }

    /// The bytes of `range`, somewhere within `memory`, which must be page-aligned and `slackBytes` longer than
    /// the range; nil when all of it is a hole.
    /// - Throws: `SystemCallError`; `EngineError.volumeEndedEarly` when the volume has become shorter.
    package func read(
        _ range: Range<Int64>, into memory: UnsafeMutableRawBufferPointer
    ) throws -> UnsafeRawBufferPointer? {
        precondition(range.upperBound <= length && memory.count >= range.count + Self.slackBytes)
        if isDevice { return UnsafeRawBufferPointer(try readDirect(range, into: memory)) }
        let regions = try file.dataRegions(in: range)
        if regions == [range] || (!regions.isEmpty && readsDirect) {
            return UnsafeRawBufferPointer(try readFile(range, into: memory))
        }
        // Behind the end of a file that has become shorter there is a hole, too.
        try checkLength(reaches: range.upperBound)
        return regions.isEmpty ? nil : UnsafeRawBufferPointer(try readRegions(regions, of: range, into: memory))
    }

    private func readRegions(
        _ regions: [Range<Int64>], of range: Range<Int64>, into memory: UnsafeMutableRawBufferPointer
    ) throws -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
        var position = range.lowerBound
        for region in regions {
            fillWithZeros(bytes, position..<region.lowerBound, of: range)
            let start = Int(region.lowerBound - range.lowerBound)
            try readBuffered(region, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + region.count]))
            position = region.upperBound
        }
        fillWithZeros(bytes, position..<range.upperBound, of: range)
        return bytes
    }

    private func fillWithZeros(_ bytes: UnsafeMutableRawBufferPointer, _ gap: Range<Int64>, of range: Range<Int64>) {
        let start = Int(gap.lowerBound - range.lowerBound)
        UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + gap.count]).initializeMemory(
            as: UInt8.self, repeating: 0)
    }

    private func readFile(
        _ range: Range<Int64>, into memory: UnsafeMutableRawBufferPointer
    ) throws -> UnsafeMutableRawBufferPointer {
        if readsDirect {
            do {
                return try readDirect(range, into: memory)
            } catch let error as SystemCallError where error.errno == .invalidArgument {
                // Some file systems let themselves be opened with O_DIRECT and refuse to read.
                refusesDirect.store(true, ordering: .relaxed)
            }
        }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<range.count])
        try readBuffered(range, into: bytes)
        return bytes
    }

    /// Through the page cache, leaving nothing new in it where the kernel can do that.
    private func readBuffered(_ range: Range<Int64>, into bytes: UnsafeMutableRawBufferPointer) throws {
        var count = 0
        if readsUncached.load(ordering: .relaxed) {
            do {
                count = try file.readUncached(into: bytes, at: range.lowerBound)
            } catch let error as SystemCallError where error.errno == .notSupported {
                readsUncached.store(false, ordering: .relaxed)
                return try readBuffered(range, into: bytes)
            }
        } else {
            count = try file.read(into: bytes, at: range.lowerBound)
        }
        guard count == bytes.count else { throw endedEarly(at: range.lowerBound + Int64(count)) }
    }

    private func readDirect(
        _ range: Range<Int64>, into memory: UnsafeMutableRawBufferPointer
    ) throws -> UnsafeMutableRawBufferPointer {
        guard let direct else { preconditionFailure("a device was opened without O_DIRECT") }
        let start = range.lowerBound / direct.alignment * direct.alignment
        let end = (range.upperBound + direct.alignment - 1) / direct.alignment * direct.alignment
        let aligned = UnsafeMutableRawBufferPointer(rebasing: memory[..<Int(end - start)])
        let count = try direct.file.read(into: aligned, at: start)
        guard start + Int64(count) >= range.upperBound else { throw endedEarly(at: start + Int64(count)) }
        let offset = Int(range.lowerBound - start)
        return UnsafeMutableRawBufferPointer(rebasing: aligned[offset..<offset + range.count])
    }

    private func checkLength(reaches end: Int64) throws {
        let now = try FileStatus(of: file).length
        guard now >= end else { throw endedEarly(at: now) }
    }

    private func endedEarly(at offset: Int64) -> EngineError {
        .volumeEndedEarly(path: path, offset: offset, length: length)
    }
}
