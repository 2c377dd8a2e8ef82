// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import Synchronization
import SystemPackage

/// An open file, directory or device, closed when the last reference goes. All calls are positional, so one
/// file may be used from several threads.
package final class OpenFile: Sendable {
    private let openDescriptor: Atomic<Int32>
    package let path: String

    package init(adopting descriptor: Int32, path: String) {
        openDescriptor = Atomic(descriptor)
        self.path = path
    }

    /// open(2) with O_CLOEXEC. `mode` counts for a file that is created; the umask applies.
    package convenience init(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws {
        let descriptor = try systemCall("open", path) { cposix_open(path, flags | O_CLOEXEC, mode) }
        self.init(adopting: descriptor, path: path)
    }

    /// openat(2): `name` is looked up in `directory`.
    package convenience init(in directory: OpenFile, _ name: String, _ flags: Int32, mode: UInt32 = 0o600) throws {
        let path = directory.path + "/" + name
        let descriptor = try systemCall("open", path) {
            cposix_openat(directory.descriptor, name, flags | O_CLOEXEC, mode)
        }
        self.init(adopting: descriptor, path: path)
    }

    /// Opens the same file once more, with other flags, whatever its name leads to by now.
    package convenience init(reopening file: OpenFile, _ flags: Int32) throws {
        let link = "/proc/self/fd/\(file.descriptor)"
        let descriptor = try systemCall("open", file.path) { cposix_open(link, flags | O_CLOEXEC, 0) }
        self.init(adopting: descriptor, path: file.path)
    }

    /// -1, which every call refuses with EBADF, once the file was closed.
    package var descriptor: Int32 { openDescriptor.load(ordering: .relaxed) }

    /// Closes the file before the last reference goes, and tells of the error: a file system that is far away, or full,
    /// may speak of what was written no earlier. No further call may be under way. Closing again does nothing.
    ///
    /// EINTR is an error like any other, for the bytes may not have got through; it is not tried again, for the
    /// descriptor is gone whatever close(2) answers.
    package func close() throws {
        let descriptor = openDescriptor.exchange(-1, ordering: .relaxed)
        guard descriptor != -1 else { return }
        if Glibc.close(descriptor) != 0 { throw SystemCallError("close", path, Errno(rawValue: errno)) }
    }

    deinit {
        let descriptor = self.descriptor
        if descriptor != -1 { _ = Glibc.close(descriptor) }
    }

    package static let directAccess = cposix_O_DIRECT
    package static let nameless = cposix_O_TMPFILE
}

// MARK: - Reading and writing

extension OpenFile {
    /// Reads at most `bytes.count` bytes at `offset`; fewer only at the end of the file.
    package func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try fill(bytes, at: offset) { pread(descriptor, $0, $1, off_t($2)) }
    }

    /// The same without leaving pages behind that were not in the page cache before (Linux 6.14).
    /// - Throws: `SystemCallError` with `.notSupported` where the kernel or the file
    ///   system cannot.
    package func readUncached(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        try fill(bytes, at: offset) { cposix_pread_uncached(descriptor, $0, $1, $2) }
    }

    private func fill(
        _ bytes: UnsafeMutableRawBufferPointer, at offset: Int64,
        _ call: (UnsafeMutableRawPointer?, Int, Int64) -> Int
    ) throws -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = try systemCall("read", "\(rest.count) bytes at offset \(offset + Int64(done)) of \(path)") {
                call(rest.baseAddress, rest.count, offset + Int64(done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at `offset`; `wrote` is called whenever some of them have been written.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64, wrote: () -> Void = {}) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try systemCall("write", "\(path) at offset \(offset + Int64(done))") {
                pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + Int64(done)))
            }
            wrote()
        }
    }

    /// Writes all of `bytes` where the file position is: at the end, with O_APPEND.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            done += try systemCall("write", path) { Glibc.write(descriptor, rest.baseAddress, rest.count) }
        }
    }

    /// Sets the mode, for the umask may have taken bits away. A file system that keeps no modes may refuse.
    package func setMode(_ mode: UInt32) throws {
        do {
            try systemCall("set the mode of", path) { fchmod(descriptor, mode) }
        } catch let error as SystemCallError where error.errno == .notPermitted || error.errno == .notSupported {}
    }

    package func truncate(to length: Int64) throws {
        try systemCall("truncate", path) { ftruncate(descriptor, off_t(length)) }
    }

    /// Frees the range, which reads as zeros afterwards. False where the file system or device cannot.
    package func punchHole(at offset: Int64, length: Int64) throws -> Bool {
        do {
            try systemCall("punch a hole in", path) { cposix_punch_hole(descriptor, offset, length) }
            return true
        } catch let error as SystemCallError where Self.cannotPunch.contains(error.errno) {
            return false
        }
    }
}

extension OpenFile {
    private static let cannotPunch: Set<Errno> = [
        .notSupported, .noFunction, .invalidArgument, .operationNotSupportedByDevice,
    ]
}

// MARK: - Durability

extension OpenFile {
    package func synchronize() throws { try systemCall("sync", path) { fsync(descriptor) } }

    /// The names in a directory. A file system that cannot do that, and says so, makes them durable in its own way.
    package func synchronizeDirectory() throws {
        do {
            try synchronize()
        } catch let error as SystemCallError where error.errno == .invalidArgument || error.errno == .notSupported {}
    }

    package func synchronizeData() throws { try systemCall("sync", path) { fdatasync(descriptor) } }

    /// Makes everything written to this file's file system durable, and reports any write-back error since
    /// this descriptor was opened (syncfs(2), Linux 5.8).
    package func synchronizeFileSystem() throws {
        try systemCall("sync the file system of", path) { cposix_syncfs(descriptor) }
    }

    /// Starts write-back of the range without waiting, so that the barrier at the end is short.
    package func startWriteback(at offset: Int64 = 0, length: Int64 = 0) {
        _ = cposix_start_writeback(descriptor, offset, length)  // a hint: it may fail without harm
    }

    /// Lets go of the cached pages of the range.
    package func dropCache(at offset: Int64 = 0, length: Int64 = 0) {
        _ = posix_fadvise(descriptor, off_t(offset), off_t(length), POSIX_FADV_DONTNEED)
    }
}
