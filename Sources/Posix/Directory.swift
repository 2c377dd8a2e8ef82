// SPDX-License-Identifier: Apache-2.0
import CPosix
import Glibc
import SystemPackage

/// What one does to the names in an open directory.
extension OpenFile {
    /// Calls `body` with every name in this directory save `.` and `..`, in no particular order, one at a time:
    /// a directory may hold millions.
    package func forEachName(_ body: (String) throws -> Void) throws {
        try forEachEntry { name, _ in try body(name) }
    }

    /// The names that may be those of directories in this one: what is none is left out where the file system says so.
    package func possibleDirectories() throws -> [String] {
        var names: [String] = []
        try forEachEntry { name, type in
            if type == UInt8(DT_DIR) || type == UInt8(DT_UNKNOWN) { names.append(name) }
        }
        return names
    }

    /// `body` gets the name and the type (readdir(3)).
    private func forEachEntry(_ body: (String, UInt8) throws -> Void) throws {
        let copy = try systemCall("open", path) {
            cposix_openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard let stream = fdopendir(copy) else {
            let error = Errno(rawValue: errno)
            Glibc.close(copy)
            throw SystemCallError("list", path, error)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SystemCallError("list", path, Errno(rawValue: errno)) }
                return
            }
            // Not by way of the tuple `d_name`: an entry is only as long as its name.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = String(cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { try body(name, entry.pointee.d_type) }
        }
    }

    /// Removes a name; false where there was none.
    @discardableResult
    package func unlink(_ name: String) throws -> Bool {
        try removeName(name, flags: 0)
    }

    /// Removes an empty directory; one that is not there is no error. False where it is not empty.
    @discardableResult
    package func removeEmptyDirectory(_ name: String) throws -> Bool {
        do {
            _ = try removeName(name, flags: AT_REMOVEDIR)
            return true
        } catch let error as SystemCallError where error.errno == .directoryNotEmpty || error.errno == .fileExists {
            return false
        }
    }

    private func removeName(_ name: String, flags: Int32) throws -> Bool {
        do {
            try systemCall("remove", path + "/" + name) { unlinkat(descriptor, name, flags) }
            return true
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return false
        }
    }

    /// Replaces what has the new name.
    package func rename(_ name: String, to newName: String) throws {
        try systemCall("rename", "\(path)/\(name) to \(newName)") {
            renameat(descriptor, name, descriptor, newName)
        }
    }

    /// Replaces nothing: a name that is taken is an error with `.fileExists`. Where the file system cannot see to that
    /// itself, a name that is taken in the very moment is replaced nevertheless.
    package func rename(_ name: String, toFree newName: String) throws {
        do {
            try systemCall("rename", "\(path)/\(name) to \(newName)") {
                cposix_rename_noreplace(descriptor, name, descriptor, newName)
            }
        } catch let error as SystemCallError where Self.cannotSpare.contains(error.errno) {
            guard try FileStatus(in: self, newName) == nil else {
                throw SystemCallError(error.call, error.subject, .fileExists)
            }
            try rename(name, to: newName)
        }
    }

    private static let cannotSpare: Set<Errno> = [.invalidArgument, .noFunction, .notSupported]

    /// Throws unless this process may make and find names in this directory; also where its file system is read-only.
    package func checkAccess() throws {
        try systemCall("use", path) { faccessat(descriptor, ".", R_OK | W_OK | X_OK, 0) }
    }

    /// Opens a directory in this one, never through a link; made first, with exactly `mode`, where there is
    /// none and `creating` is set.
    package func directory(_ name: String, creating mode: UInt32? = nil) throws -> OpenFile {
        if let mode {
            do {
                try systemCall("make", path + "/" + name) { mkdirat(descriptor, name, mode) }
                let made = try OpenFile(in: self, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
                try made.setMode(mode)
                return made
            } catch let error as SystemCallError where error.errno == .fileExists {}
        }
        return try OpenFile(in: self, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }

    /// The same where there may be none: nil then.
    package func directoryIfAny(_ name: String) throws -> OpenFile? {
        do {
            return try directory(name)
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }

    /// Makes the directory at `path`, and those around it, where they are missing.
    package static func makeDirectories(_ path: String, mode: UInt32) throws {
        var made = ""
        for component in path.split(separator: "/") {
            made += "/" + component
            do {
                try systemCall("make", made) { mkdir(made, mode) }
            } catch let error as SystemCallError {
                // It may be there already, where nothing may be made.
                guard access(made, F_OK) == 0 else { throw error }
            }
        }
    }

    /// The same where the name may be that of something else, or of a link: nil then, too.
    package func directoryUnlessOther(_ name: String) throws -> OpenFile? {
        do {
            return try directory(name)
        } catch let error as SystemCallError where Self.otherKinds.contains(error.errno) {
            return nil
        }
    }

    private static let otherKinds: Set<Errno> = [
        .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
    ]
}
