// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// Finding a file first and opening it later. What is found stays that very file, whatever happens to its name in
/// the meantime; nothing is opened, so no fifo waits for its other end and no device wakes up (O_PATH, open(2)).
extension OpenFile {
    /// Finds the directory that `path` leads to, through any links. Its `path` is then where it really lies.
    package static func finding(directory path: String) throws -> OpenFile {
        let descriptor = try systemCall("find", path) {
            cposix_open(path, cposix_O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
        }
        do {
            return OpenFile(adopting: descriptor, path: try resolvedPath(of: descriptor, path))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Finds what `name` is in this directory: the link itself where it is one, or what that leads to.
    package func finding(_ name: String, followingLink: Bool) throws -> OpenFile {
        try OpenFile(in: self, name, cposix_O_PATH | (followingLink ? 0 : O_NOFOLLOW))
    }

    /// What stands in the link that was found.
    package func linkText() throws -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("read the link", path) { readlinkat(descriptor, "", &bytes, bytes.count) }
        guard let text = String(validating: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) else {
            throw SystemCallError("read the link", path, .illegalByteSequence)
        }
        return text
    }

    /// Opens for reading what was found.
    package func openedForReading() throws -> OpenFile { try OpenFile(reopening: self, O_RDONLY) }

    /// Opens for reading and writing what was found. `exclusively` is for block devices: the kernel refuses with
    /// EBUSY one that is mounted or held, and the reverse as long as it is open.
    package func openedForWriting(exclusively: Bool) throws -> OpenFile {
        try OpenFile(reopening: self, O_RDWR | (exclusively ? O_EXCL : 0))
    }

    /// Throws unless this process may write to what was found; also where its file system is read-only.
    package func checkWritable() throws {
        try systemCall("write to", path) { access("/proc/self/fd/\(descriptor)", W_OK) }
    }

    /// Where it lies now, whatever has been renamed since it was found.
    package func currentPath() throws -> String { try Self.resolvedPath(of: descriptor, path) }

    /// The number of the mount that it was found in, as in mountinfo; nil where /proc does not tell.
    package var mountID: Int? {
        KernelTree.proc.text("self/fdinfo/\(descriptor)")?.split(separator: "\n").lazy
            .first { $0.hasPrefix("mnt_id:") }
            .flatMap { $0.split(whereSeparator: \.isWhitespace).last }.flatMap { Int($0) }
    }

    /// Opens a directory, so that it can be listed or synchronized.
    package static func directory(_ path: String) throws -> OpenFile { try OpenFile(path, O_RDONLY | O_DIRECTORY) }

    /// Makes an empty file in this directory; it is an error when the name is taken, even by a link to nowhere.
    package func creatingFile(_ name: String, mode: UInt32) throws -> OpenFile {
        try OpenFile(in: self, name, O_RDWR | O_CREAT | O_EXCL, mode: mode)
    }

    /// Where the kernel says that this lies.
    private static func resolvedPath(of descriptor: Int32, _ path: String) throws -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("find", path) { readlink("/proc/self/fd/\(descriptor)", &bytes, bytes.count) }
        // A path that is not UTF-8 could not be written down and found again; one that is not absolute lies outside
        // of our root.
        guard let resolved = String(validating: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self),
            resolved.utf8.first == UInt8(ascii: "/")
        else { throw SystemCallError("find", path, .illegalByteSequence) }
        return resolved
    }
}
