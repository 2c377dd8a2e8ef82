// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import SystemPackage

/// A file that is read and written past the page cache (O_DIRECT), as far as offsets, lengths and addresses allow.
///
/// What passes through a machine once need not push out what others work with; and a page of the cache costs more
/// time than the transfer of its bytes. The two ways may be mixed: the kernel keeps them coherent, and no page
/// of the file is written in both.
package final class UncachedFile: Sendable {
    /// What an offset, a length and an address must be multiples of to go past the cache.
    package static let alignment = 4096
    /// Fewer bytes are written through the cache: they need not wait for the disk one by one.
    private static let smallestWrite = 64 << 10

    /// What may be tried, the best first.
    package enum Ways: Sendable, CaseIterable {
        /// O_DIRECT, then the cache without leaving anything in it, then the cache.
        case all
        /// For devices: what does not work with O_DIRECT fails.
        case directOnly
        /// As on a file system without O_DIRECT, and on one or a kernel that has neither.
        case cacheOnly, oldCacheOnly
    }

    private let file: OpenFile
    private let direct: OpenFile?
    private let ways: Ways
    /// Written through the cache in small pieces since write-back was started last, more or less.
    private let cachedBytes = Atomic(0)
    private static let writebackBytes = 8 << 20
    private let refusesDirect = Atomic(false)
    private let refusesUncached: Atomic<Bool>

    /// `access`: O_RDONLY, O_WRONLY or O_RDWR, as `file` is open.
    /// - Throws: `SystemCallError`, for devices that cannot be opened with O_DIRECT.
    package init(_ file: OpenFile, access: Int32, ways: Ways = .all) throws {
        self.file = file
        self.ways = ways
        refusesUncached = Atomic(ways == .oldCacheOnly)
        switch ways {
        case .all: direct = try? OpenFile(reopening: file, access | OpenFile.directAccess)
        case .directOnly: direct = try OpenFile(reopening: file, access | OpenFile.directAccess)
        case .cacheOnly, .oldCacheOnly: direct = nil
        }
    }

    /// Everything written by way of this object is on stable storage when this returns.
    package func synchronize() throws {
        try direct?.synchronize()
        try file.synchronize()
    }

    /// As `synchronize`, without times and the like.
    package func synchronizeData() throws {
        try direct?.synchronizeData()
        try file.synchronizeData()
    }

    /// Closes the descriptor that goes past the cache. The file stays open: that is for who opened it.
    package func close() throws { try direct?.close() }

    private var directFile: OpenFile? { refusesDirect.load(ordering: .relaxed) ? nil : direct }

    /// Reads at most `bytes.count` bytes at `offset`; fewer only at the end of the file.
    package func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        if let directFile, Self.fits(bytes, at: offset) {
            do {
                return try directFile.read(into: bytes, at: offset)
            } catch let error as SystemCallError where isRefusal(error) {
                refusesDirect.store(true, ordering: .relaxed)
            }
        }
        return try readCached(into: bytes, at: offset)
    }

    /// Through the page cache, leaving nothing new in it where the kernel can do that.
    package func readCached(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        if !refusesUncached.load(ordering: .relaxed) {
            do {
                return try file.readUncached(into: bytes, at: offset)
            } catch let error as SystemCallError where error.errno == .notSupported {
                refusesUncached.store(true, ordering: .relaxed)
            }
        }
        return try file.read(into: bytes, at: offset)
    }

    /// Writes all of `bytes` at `offset`: whole pages of the file past the cache, the rest through it, with
    /// write-back started. `wrote` is called whenever some of them have been written.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, wrote: () -> Void = {}) throws {
        let whole = wholePages(of: bytes, at: offset)
        guard let directFile, whole.count >= Self.smallestWrite else {
            return try writeCached(bytes, at: offset, wrote)
        }
        do {
            let pages = UnsafeRawBufferPointer(rebasing: bytes[whole])
            try directFile.write(pages, at: offset + Int64(whole.lowerBound), wrote: wrote)
        } catch let error as SystemCallError where isRefusal(error) {
            refusesDirect.store(true, ordering: .relaxed)
            return try writeCached(bytes, at: offset, wrote)
        }
        try writeCached(UnsafeRawBufferPointer(rebasing: bytes[..<whole.lowerBound]), at: offset, wrote)
        let end = UnsafeRawBufferPointer(rebasing: bytes[whole.upperBound...])
        try writeCached(end, at: offset + Int64(whole.upperBound), wrote)
    }

    private func writeCached(_ bytes: UnsafeRawBufferPointer, at offset: Int64, _ wrote: () -> Void) throws {
        guard !bytes.isEmpty else { return }
        try file.write(bytes, at: offset, wrote: wrote)
        guard bytes.count < Self.smallestWrite else {
            return file.startWriteback(at: offset, length: Int64(bytes.count))
        }
        let (_, unsent) = cachedBytes.add(bytes.count, ordering: .relaxed)
        if unsent >= Self.writebackBytes {
            cachedBytes.store(0, ordering: .relaxed)
            file.startWriteback()
        }
    }

    /// The part of `bytes` that covers whole pages of the file from aligned memory; may be empty.
    private func wholePages(of bytes: UnsafeRawBufferPointer, at offset: Int64) -> Range<Int> {
        let inPage = Int(offset % Int64(Self.alignment))
        let start = inPage == 0 ? 0 : Self.alignment - inPage
        guard start < bytes.count, let base = bytes.baseAddress, base.isAligned(start) else { return 0..<0 }
        return start..<start + (bytes.count - start) / Self.alignment * Self.alignment
    }

    /// Whether a read into `bytes` at `offset` can go past the cache.
    package static func fits(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return offset % Int64(alignment) == 0 && bytes.count % alignment == 0 && UnsafeRawPointer(base).isAligned(0)
    }

    /// Some file systems let themselves be opened with O_DIRECT and refuse to read or write.
    private func isRefusal(_ error: SystemCallError) -> Bool { error.errno == .invalidArgument && ways == .all }
}

extension UnsafeRawPointer {
    fileprivate func isAligned(_ offset: Int) -> Bool {
        UInt(bitPattern: self + offset) % UInt(UncachedFile.alignment) == 0
    }
}
