// SPDX-License-Identifier: Apache-2.0
import Posix

/// The daemon's own files, which are no volumes: all that lies in its state directory or the repository, and some by
/// what they are, whatever names they have beside.
package struct ReservedFiles: Sendable {
    /// A directory that stays what it is, wherever it is renamed to.
    package struct Directory: Sendable {
        let directory: OpenFile
        let fileSystem: UInt64

        /// - Parameter identity: of the directory. It is not asked for when somebody asks: its disk may not answer any more.
        package init(_ directory: OpenFile, _ identity: FileStatus.Identity) {
            self.directory = directory
            fileSystem = identity.fileSystem
        }

        /// - Throws: `SystemCallError` when there is none.
        package init(at path: String) throws {
            let directory = try OpenFile.finding(directory: path)
            self.init(directory, try FileStatus(of: directory).identity)
        }
    }

    private let directories: @Sendable () -> [Directory]
    private let exception: Directory?
    private let files: [String]

    package init() {
        directories = { [] }
        exception = nil
        files = []
    }

    /// - Parameters:
    ///   - directories: Those that there are when somebody asks; the repository may come later.
    ///   - exception: `volumes.directory`, which may lie in one of them.
    ///   - files: Paths. What lies there when somebody asks is what counts; there may be nothing.
    package init(directories: @escaping @Sendable () -> [Directory], except exception: Directory, files: [String]) {
        self.directories = directories
        self.exception = exception
        self.files = files
    }

    /// Whether a file that was found in `directory` is one of them.
    func hold(_ file: FileStatus, in directory: OpenFile) -> Bool {
        files.contains { identity(at: $0) == file.identity } || holdFiles(in: directory)
    }

    /// nil where there is nothing, or its disk does not answer: what answers is something else.
    private func identity(at path: String) -> FileStatus.Identity? {
        try? Patience.ofPaths.share(path, within: .milliseconds(200)) {
            try FileStatus(of: path, followingLink: true).identity
        }
    }

    /// The innermost directory that has it decides: the volumes may lie in the state directory, and a repository in
    /// that of the volumes.
    private func holdFiles(in directory: OpenFile) -> Bool {
        let mine = directories().compactMap { depth(of: directory, in: $0) }.max()
        guard let mine else { return false }
        guard let exempt = exception.flatMap({ depth(of: directory, in: $0) }) else { return true }
        return mine > exempt
    }

    /// How long the path of `root` is, where `directory` is that or lies below it; nil elsewhere.
    private func depth(of directory: OpenFile, in root: Directory) -> Int? {
        guard let path = try? root.directory.currentPath() else { return nil }
        return isPath(directory.path, under: path) || isAlias(directory, under: root) ? path.utf8.count : nil
    }

    /// Whether a bind mount shows what lies below `root` under another path.
    private func isAlias(_ directory: OpenFile, under root: Directory) -> Bool {
        guard let mountID = directory.mountID, let rootMountID = root.directory.mountID, mountID != rootMountID,
            (try? FileStatus(of: directory).identity.fileSystem) == root.fileSystem
        else { return false }
        let mounts = Mount.all(inMountinfo: KernelTree.proc.text("self/mountinfo") ?? "")
        guard let place = lies(directory, in: mounts.first { $0.id == mountID }),
            let rootPlace = lies(root.directory, in: mounts.first { $0.id == rootMountID })
        else { return false }
        return isPath(place, under: rootPlace)
    }

    private func lies(_ directory: OpenFile, in mount: Mount?) -> String? {
        (try? directory.currentPath()).flatMap { mount?.placeInFileSystem(of: $0) }
    }
}
