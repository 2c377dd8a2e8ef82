// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import Synchronization
import SystemPackage

/// Where a file holds data, as its file system tells. Any thread may ask.
///
/// The region found last is remembered, for what it takes to find the end of one grows with its extents, and a volume is
/// asked about in thousands of pieces. Where such a region has become a hole since, its bytes are read as the zeros that
/// they are now. A hole is never remembered: what is written into it meanwhile would be lost.
package final class DataRegions: Sendable {
    /// What lseek(2) can look for.
    package enum Target: String, Sendable { case data, hole }
    /// The next data or hole at or behind an offset; nil where there is none, or nobody can tell.
    package typealias Seek = @Sendable (Target, Int64) throws -> Int64?

    private let seek: Seek
    private let last = Mutex<Range<Int64>>(0..<0)

    package convenience init(of file: OpenFile) { self.init { try file.seek($0, from: $1) } }

    /// With another way to ask than lseek(2).
    package init(seek: @escaping Seek) { self.seek = seek }

    /// The parts of `range` that hold data; what lies between them are holes, which read as zeros.
    /// A file system or device that knows no holes answers the whole range.
    /// - Throws: `SystemCallError`.
    package func parts(of range: Range<Int64>) throws -> [Range<Int64>] {
        var parts: [Range<Int64>] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard let region = try region(at: position, before: range.upperBound) else { break }
            // It contradicts itself: the file changes while we look.
            guard region.upperBound > region.lowerBound else { return [range] }
            parts.append(region.clamped(to: position..<range.upperBound))
            position = region.upperBound
        }
        return parts
    }

    /// The data region that holds `position`, or begins behind it and before `end`.
    private func region(at position: Int64, before end: Int64) throws -> Range<Int64>? {
        let known = last.withLock { $0 }
        if known.contains(position) { return known }
        guard let start = try seek(.data, position), start < end else { return nil }
        guard let next = try seek(.hole, start) else { return start..<max(start, end) }
        guard next > start else { return start..<start }
        last.withLock { $0 = start..<next }
        return start..<next
    }
}

extension OpenFile {
    /// lseek(2): ENXIO means that there is none behind `position`, EINVAL that nobody can tell.
    fileprivate func seek(_ target: DataRegions.Target, from position: Int64) throws -> Int64? {
        do {
            return try systemCall("seek \(target.rawValue) in", path) {
                target == .data ? cposix_seek_data(descriptor, position) : cposix_seek_hole(descriptor, position)
            }
        } catch let error as SystemCallError where error.errno == .noSuchAddressOrDevice {
            return nil
        } catch let error as SystemCallError where error.errno == .invalidArgument {
            return target == .data ? position : nil
        }
    }
}
