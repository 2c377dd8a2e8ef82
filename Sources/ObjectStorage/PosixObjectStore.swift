// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage

/// A repository in a directory: `ROOT/CONTAINER/NAME`, as Cinder's POSIX driver lays it out.
package final class PosixObjectStore: ObjectStore {
    private let root: OpenFile
    private let path: String
    private let durability: @Sendable (OpenFile) -> Durability

    package static let directoryMode: UInt32 = 0o770
    package static let fileMode: UInt32 = 0o660

    /// - Parameter durability: How the objects of a container get to stable storage; asked once per writer.
    /// - Throws: `SystemCallError` when `path` is not a directory that can be opened.
    package init(path: String, durability: @escaping @Sendable (OpenFile) -> Durability = Durability.init(in:)) throws {
        root = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        self.path = path
        self.durability = durability
    }

    /// How full its file system is.
    /// - Throws: `SystemCallError`; `StorageError.rootReplaced`. Also where nothing can be written: the file system is mounted
    ///   read-only, say. A full one is no error: backups can be deleted from it, and restored.
    package func space() throws -> FileSystemSpace {
        let named = try FileStatus(of: path, followingLink: true)
        // Something was mounted over it, or it was moved away: what this process has open is not what others see there.
        guard try named.identity == FileStatus(of: root).identity else { throw StorageError.rootReplaced(path: path) }
        try root.checkAccess()
        return try FileSystemSpace(holding: root)
    }

    package func openForWriting(_ container: String, writer: String) throws -> any ContainerWriter {
        let components = try ContainerPath(container).components
        var directories = try made(components)
        let directory = directories.removeLast()
        return try PosixContainerWriter(
            directory: directory, in: directories, container: container, writer: writer,
            durability: durability(directory))
    }

    /// The directories from the root to a container.
    private func made(_ components: [String]) throws -> [OpenFile] {
        var attempts = 0
        while true {
            do {
                return try opened(components, creating: Self.directoryMode)
            } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory && attempts < 1000 {
                // A directory that two containers share went just now with the other one.
                attempts += 1
            }
        }
    }

    package func openForReading(_ container: String) throws -> any ContainerReader {
        try PosixContainerReader(directory: existingIfAny(container), container: container)
    }

    package func forEachName(
        in container: String, beginningWith prefix: String, _ body: (String) throws -> Void
    ) throws {
        guard let directory = try existingIfAny(container) else { return }
        try directory.forEachName { name in
            if name.utf8.starts(with: prefix.utf8) { try body(name) }
        }
    }

    package func delete(_ name: String, from container: String) throws {
        try checkObjectName(name)
        try existingIfAny(container)?.unlink(name)
    }

    package func deleteLeftovers(of writer: String, in container: String) throws {
        guard let directory = try existingIfAny(container) else { return }
        let mark = PosixContainerWriter.temporaryPrefix(of: writer)
        try directory.forEachName { name in
            if name.utf8.starts(with: mark.utf8) { try directory.unlink(name) }
        }
    }

    package func removeIfEmpty(_ container: String) throws {
        var components = try ContainerPath(container).components
        while let last = components.popLast() {
            guard let parent = try directory(at: components) else { continue }
            guard try parent.removeEmptyDirectory(last) else { return }
        }
    }

    /// Whether there is no container at all.
    package func isEmpty() throws -> Bool {
        var isEmpty = true
        // What mkfs and administrators leave in the root of a file system is no container.
        try root.forEachName { if $0 != "lost+found", !$0.hasPrefix(".") { isEmpty = false } }
        return isEmpty
    }

    package func synchronize(_ container: String) throws {
        try existingIfAny(container)?.synchronizeDirectory()
    }

    package func synchronize(_ name: String, in container: String) throws {
        try checkObjectName(name)
        let components = try ContainerPath(container).components
        do {
            let directories = try opened(components)
            if let directory = directories.last {
                try OpenFile(in: directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).synchronize()
            }
            for directory in directories.reversed() { try directory.synchronizeDirectory() }
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            throw StorageError.objectNotFound(name: name, container: container)
        }
    }

    // MARK: - Directories

    private func existingIfAny(_ container: String) throws -> OpenFile? {
        try directory(at: ContainerPath(container).components)
    }

    /// The root, and what the components lead to from there on.
    private func opened(_ components: [String], creating mode: UInt32? = nil) throws -> [OpenFile] {
        try components.reduce(into: [root]) { directories, name in
            if let parent = directories.last { directories.append(try parent.directory(name, creating: mode)) }
        }
    }

    private func directory(at components: [String]) throws -> OpenFile? {
        do {
            return try opened(components).last
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }
}

/// What every store refuses: a name that could lead elsewhere.
/// - Throws: `StorageError.badObjectName`.
package func checkObjectName(_ name: String) throws {
    if let reason = reasonToRefuse(pathComponent: name) { throw StorageError.badObjectName(name, reason: reason) }
}
