// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import Synchronization
import SystemPackage

/// A repository in a directory: `ROOT/CONTAINER/NAME`, as Cinder's POSIX driver lays it out.
///
/// The root is opened once, and stays the directory that it was, whatever is mounted over its path; `refresh` follows the
/// path.
package final class PosixObjectStore: ObjectStore {
    package let path: String
    private let opened: Mutex<Root?>
    private let durability: @Sendable (OpenFile) -> Durability

    /// An open root, and which directory it is.
    package struct Root: Sendable {
        package let directory: OpenFile
        package let identity: FileStatus.Identity
    }

    package static let directoryMode: UInt32 = 0o770
    package static let fileMode: UInt32 = 0o660

    /// - Parameter durability: How the objects of a container get to stable storage; asked once per writer.
    /// - Throws: `SystemCallError` when `path` is not a directory that can be opened.
    package convenience init(
        path: String, durability: @escaping @Sendable (OpenFile) -> Durability = Durability.init(in:)
    ) throws {
        self.init(unopened: path, durability: durability)
        _ = try refresh()
    }

    /// A store that opens its root when it is first needed.
    package init(unopened path: String, durability: @escaping @Sendable (OpenFile) -> Durability = Durability.init(in:))
    {
        self.path = path
        self.durability = durability
        opened = Mutex(nil)
    }

    /// Opens what the path leads to now, where that is another directory than the one that is open.
    /// - Returns: Which directory it is.
    /// - Throws: `SystemCallError`: then the open one stays.
    package func refresh() throws -> FileStatus.Identity {
        let named = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        let root = Root(directory: named, identity: try FileStatus(of: named).identity)
        opened.withLock { opened in
            if opened?.identity != root.identity { opened = root }
        }
        return root.identity
    }

    /// The root that is open; nil while none is. No disk is asked.
    package var openRoot: Root? { opened.withLock { $0 } }

    /// What the repository says of itself.
    package func marks() throws -> RepositoryMarks { RepositoryMarks(in: try root()) }

    /// Makes the root where there is none.
    package func makeRoot() throws { try OpenFile.makeDirectories(path, mode: Self.directoryMode) }

    private func root() throws -> OpenFile {
        if let root = openRoot { return root.directory }
        _ = try refresh()
        guard let root = openRoot else { throw StorageError.rootReplaced(path: path) }
        return root.directory
    }

    /// How full its file system is.
    /// - Throws: `SystemCallError`; `StorageError.rootReplaced`. Also where nothing can be written: the file system is mounted
    ///   read-only, say. A full one is no error: backups can be deleted from it, and restored.
    package func space() throws -> FileSystemSpace {
        let root = try root()
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
            durability: durability(directory), lookUp: { [path] in try Self.directory(components, below: path) })
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

    package func forEachContainer(_ body: (String) throws -> Void) throws {
        try forEachContainer(in: root(), "", body)
    }

    /// Depth first. A directory that goes meanwhile holds nothing.
    private func forEachContainer(in directory: OpenFile, _ path: String, _ body: (String) throws -> Void) throws {
        for name in try directory.possibleDirectories() {
            if path.isEmpty, name == RepositoryMarks.directoryName { continue }
            let container = path.isEmpty ? name : path + "/" + name
            guard let child = try directory.directoryUnlessOther(name) else { continue }
            try body(container)
            try forEachContainer(in: child, container, body)
        }
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
        try components.reduce(into: [root()]) { directories, name in
            if let parent = directories.last { directories.append(try parent.directory(name, creating: mode)) }
        }
    }

    /// By the path of the root, whatever lies there now; nil where there is none.
    private static func directory(_ components: [String], below path: String) throws -> OpenFile? {
        do {
            return try components.reduce(OpenFile(path, O_RDONLY | O_DIRECTORY)) { try $0.directory($1) }
        } catch let error as SystemCallError where error.isMissing {
            return nil
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
