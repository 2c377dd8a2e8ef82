// SPDX-License-Identifier: Apache-2.0
import Codecs
import Glibc
import Posix
import Synchronization

/// The volume that a restore writes to. Ranges may be written from several threads.
package final class RestoreTarget: Sendable {
    package let path: String
    package let length: Int64
    private let file: OpenFile
    private let uncached: UncachedFile
    private let isNew: Bool
    private let isDevice: Bool
    private let wasWritten = Atomic(false)

    /// Zeros in runs of at least this many bytes are punched into a target that may hold something else.
    private static let punchBytes = 64 << 10
    /// Zeros are found in pieces of this size: the block of a file system.
    private static let pieceBytes = 4096

    /// - Parameter isNew: The file is ours and reads as zeros: it is made as long as the volume where it is shorter.
    package init(_ file: OpenFile, isNew: Bool) throws {
        self.file = file
        self.isNew = isNew
        path = file.path
        let status = try FileStatus(of: file)
        switch status.kind {
        case .blockDevice:
            isDevice = true
            length = try BlockDevice(file).bytes
        case .file:
            isDevice = false
            length = status.length
        default: throw EngineError.notAVolume(path: file.path)
        }
        uncached = try UncachedFile(file, access: O_WRONLY)
    }

    /// How many should write at a time. A device, or a file without holes, takes several, and may be far away.
    var writers: Int { isNew ? 1 : 4 }

    /// Whether a write to the target has succeeded, were it of a single byte.
    package var hasBeenWritten: Bool { wasWritten.load(ordering: .acquiring) }

    private func noteWrite() {
        if !hasBeenWritten { wasWritten.store(true, ordering: .releasing) }
    }

    /// Makes sure that `needed` bytes fit.
    func prepare(_ needed: Int64) throws {
        if isNew {
            if length < needed { try file.truncate(to: needed) }
        } else if length < needed {
            throw EngineError.targetTooSmall(path: path, length: length, needed: needed)
        }
    }

    /// Writes the bytes at `offset`, zeros as holes: left out of a new file, punched into one where something has been
    /// written since, and elsewhere when they are many.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, overwriting: Bool = false) throws {
        var dataStart = 0
        var position = 0
        while position < bytes.count {
            let zeros = zeroRun(in: bytes, from: position, at: offset)
            if zeros == 0 {
                position = nextPiece(after: position, at: offset, count: bytes.count)
            } else if isNew || zeros >= Self.punchBytes {
                try writeData(bytes, dataStart..<position, at: offset)
                let range = offset + Int64(position)..<offset + Int64(position + zeros)
                if !isNew || overwriting { try clear(range) }
                position += zeros
                dataStart = position
            } else {
                position += zeros
            }
        }
        try writeData(bytes, dataStart..<bytes.count, at: offset)
    }

    /// Makes the range read as zeros.
    func writeZeros(_ range: Range<Int64>, overwriting: Bool = false) throws {
        if !isNew || overwriting { try clear(range) }
    }

    /// Punches whole pages and writes to the others: what else they hold may be written at the same time, and of a device
    /// the kernel punches what is on the disk, not what is in the cache.
    private func clear(_ range: Range<Int64>) throws {
        let pages = range.wholePages
        if try !pages.isEmpty && file.punchHole(at: pages.lowerBound, length: Int64(pages.count)) {
            noteWrite()
            try fill(range.lowerBound..<pages.lowerBound)
            try fill(pages.upperBound..<range.upperBound)
        } else {
            try fill(range)
        }
    }

    private func fill(_ range: Range<Int64>) throws {
        guard !range.isEmpty else { return }
        let zeros = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
        try zeros.withUnsafeBytes { zeros in
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: zeros.count) {
                let count = min(zeros.count, Int(range.upperBound - offset))
                try file.write(UnsafeRawBufferPointer(rebasing: zeros[..<count]), at: offset, wrote: noteWrite)
            }
        }
    }

    private func writeData(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, at offset: Int64) throws {
        guard !range.isEmpty else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: bytes[range])
        try uncached.write(bytes, at: offset + Int64(range.lowerBound), wrote: noteWrite)
    }

    /// How many bytes from `position` on are zero, in whole pieces (the last one may be short).
    private func zeroRun(in bytes: UnsafeRawBufferPointer, from position: Int, at offset: Int64) -> Int {
        var end = position
        while end < bytes.count {
            let next = nextPiece(after: end, at: offset, count: bytes.count)
            guard isAllZero(UnsafeRawBufferPointer(rebasing: bytes[end..<next])) else { break }
            end = next
        }
        return end - position
    }

    /// Where the piece that holds `position` ends; pieces are aligned in the volume.
    private func nextPiece(after position: Int, at offset: Int64, count: Int) -> Int {
        let inPiece = Int((offset + Int64(position)) % Int64(Self.pieceBytes))
        return min(count, position + Self.pieceBytes - inPiece)
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try file.read(into: bytes, at: offset)
    }

    /// Everything written is on stable storage when this returns. Nothing can be read or written afterwards.
    func finish() throws {
        try uncached.synchronizeData()
        try uncached.close()
        try file.close()
    }
}
