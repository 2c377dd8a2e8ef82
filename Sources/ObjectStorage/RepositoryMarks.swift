// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage

/// What a repository in a directory says of itself, in `ROOT/.cinderblock`: which repository it is (`repository`), and
/// who writes to it (`writers/CATALOG`).
///
/// Each mark is a file of one line, `KIND 1 WORD…`, replaced as a whole and durable when the call returns. Nothing of this
/// lies in a container, where it would be a stranger to whoever compares lists.
package struct RepositoryMarks: Sendable {
    /// Refused as the name of a container.
    package static let directoryName = ".cinderblock"
    private static let writersName = "writers"
    private static let identityName = "repository"
    private static let identityKind = "cinderblock-repository"
    private static let writerKind = "cinderblock-writer"
    private static let longestMark = 4096

    private let root: OpenFile

    init(in root: OpenFile) { self.root = root }

    /// nil where the repository says nothing.
    /// - Throws: `SystemCallError`; `StorageError.damagedMark`.
    package func identity() throws -> String? {
        guard let directory = try marks(), let words = try read(Self.identityName, Self.identityKind, in: directory)
        else { return nil }
        guard words.count == 1 else { throw damaged(Self.identityName) }
        return words[0]
    }

    package func setIdentity(_ id: String) throws {
        try write(Self.identityName, Self.identityKind, [id], in: madeMarks())
    }

    /// How far the catalog with this id has come here, and which process writes for it; nil where it never wrote.
    /// - Throws: `SystemCallError`; `StorageError.damagedMark`.
    package func writer(_ catalog: String) throws -> WriterMark? {
        try checkObjectName(catalog)
        guard let writers = try marks()?.directoryIfAny(Self.writersName),
            let words = try read(catalog, Self.writerKind, in: writers)
        else { return nil }
        guard words.count == 2, let epoch = Int64(words[0]), epoch >= 0 else { throw damaged(catalog) }
        return WriterMark(epoch: epoch, holder: words[1])
    }

    package func setWriter(_ mark: WriterMark, of catalog: String) throws {
        try checkObjectName(catalog)
        try write(catalog, Self.writerKind, ["\(mark.epoch)", mark.holder], in: madeWriters())
    }

    /// Takes the lock that says that a daemon writes for this catalog. Its file is never renamed or removed.
    package func lock(_ catalog: String) throws -> WriterLock {
        try checkObjectName(catalog)
        do {
            guard let lock = try LockFile(in: madeWriters(), catalog + ".lock") else { return .refused }
            return .held(lock)
        } catch let error as SystemCallError where error.call == LockFile.call && Self.noLocks.contains(error.errno) {
            return .unsupported(error)
        }
    }

    private static let noLocks: Set<Errno> = [.noLocks, .noFunction, .notSupported]

    // MARK: - Files

    private func marks() throws -> OpenFile? { try root.directoryIfAny(Self.directoryName) }

    private func madeMarks() throws -> OpenFile { try made(Self.directoryName, in: root) }

    private func madeWriters() throws -> OpenFile { try made(Self.writersName, in: madeMarks()) }

    private func made(_ name: String, in parent: OpenFile) throws -> OpenFile {
        if let directory = try parent.directoryIfAny(name) { return directory }
        let directory = try parent.directory(name, creating: PosixObjectStore.directoryMode)
        try parent.synchronizeDirectory()
        return directory
    }

    private func read(_ name: String, _ kind: String, in directory: OpenFile) throws -> [String]? {
        let file: OpenFile
        do {
            file = try OpenFile(in: directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Self.longestMark)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        let words = String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard count < Self.longestMark, words.count > 2, words[0] == kind, words[1] == "1" else { throw damaged(name) }
        return words.dropFirst(2).map(String.init)
    }

    private func write(_ name: String, _ kind: String, _ words: [String], in directory: OpenFile) throws {
        let temporary = "\(name).new"
        try directory.unlink(temporary)
        let file = try OpenFile(in: directory, temporary, O_WRONLY | O_CREAT | O_EXCL, mode: PosixObjectStore.fileMode)
        let line = ([kind, "1"] + words).joined(separator: " ") + "\n"
        do {
            try Array(line.utf8).withUnsafeBytes { try file.write($0, at: 0) }
            try file.synchronize()
            try directory.rename(temporary, to: name)
        } catch {
            _ = try? directory.unlink(temporary)
            throw error
        }
        try directory.synchronizeDirectory()
    }

    private func damaged(_ name: String) -> StorageError {
        .damagedMark(path: "\(root.path)/\(Self.directoryName)/\(name)")
    }
}

/// Who writes to a repository for a catalog.
package struct WriterMark: Sendable, Equatable {
    /// Jobs that have begun.
    package var epoch: Int64
    /// A random word of the process that writes.
    package var holder: String

    package init(epoch: Int64, holder: String) {
        self.epoch = epoch
        self.holder = holder
    }
}

package enum WriterLock: Sendable {
    case held(LockFile)
    /// Another process has it.
    case refused
    /// The file system has no locks.
    case unsupported(SystemCallError)
}
