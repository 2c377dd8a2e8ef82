// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

extension OpenFile {
    /// The parts of `range` that hold data; what lies between them are holes, which read as zeros.
    /// A file system or device that knows no holes answers the whole range.
    package func dataRegions(in range: Range<Int64>) throws -> [Range<Int64>] {
        var regions: [Range<Int64>] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard let start = try seek("data", position, cposix_seek_data), start < range.upperBound else { break }
            let end = try seek("hole", start, cposix_seek_hole) ?? range.upperBound
            guard end > start else { return [range] }  // contradicts itself: the file changes while we look
            regions.append(start..<min(end, range.upperBound))
            position = end
        }
        return regions
    }

    /// lseek(2): ENXIO means that there is none behind `position`, EINVAL that nobody can tell.
    private func seek(_ what: String, _ position: Int64, _ call: (Int32, Int64) -> Int64) throws -> Int64? {
        do {
            return try systemCall("seek \(what) in", path) { call(descriptor, position) }
        } catch let error as SystemCallError where error.errno == .noSuchAddressOrDevice {
            return nil
        } catch let error as SystemCallError where error.errno == .invalidArgument {
            return what == "data" ? position : nil
        }
    }
}
