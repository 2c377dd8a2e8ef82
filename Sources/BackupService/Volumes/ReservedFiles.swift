// SPDX-License-Identifier: Apache-2.0
import Posix

/// The daemon's own files, which are no volumes: all that lies in its state directory or the repository, and some by
/// what they are, whatever names they have beside.
package struct ReservedFiles: Sendable {
    private let directories: [OpenFile]
    private let exception: OpenFile?
    private let files: [String]

    package init() {
        directories = []
        exception = nil
        files = []
    }

    /// - Parameters:
    ///   - directories: They stay what they are, wherever they are renamed to.
    ///   - exception: `volumes.directory`, which may lie in one of them.
    ///   - files: Paths. What lies there when somebody asks is what counts; there may be nothing.
    /// - Throws: `SystemCallError` for a directory that cannot be found.
    package init(directories: [String], except exception: String, files: [String]) throws {
        self.directories = try directories.map(OpenFile.finding(directory:))
        self.exception = try OpenFile.finding(directory: exception)
        self.files = files
    }

    /// Whether a file that was found in `directory` is one of them.
    func hold(_ file: FileStatus, in directory: OpenFile) -> Bool {
        files.contains { (try? FileStatus(of: $0, followingLink: true).identity) == file.identity }
            || holdFiles(in: directory)
    }

    /// The innermost directory that has it decides: the volumes may lie in the state directory, and a repository in
    /// that of the volumes.
    private func holdFiles(in directory: OpenFile) -> Bool {
        let mine = directories.compactMap { depth(of: directory, in: $0) }.max()
        guard let mine else { return false }
        guard let exempt = exception.flatMap({ depth(of: directory, in: $0) }) else { return true }
        return mine > exempt
    }

    /// How long the path of `root` is, where `directory` is that or lies below it; nil elsewhere.
    private func depth(of directory: OpenFile, in root: OpenFile) -> Int? {
        guard let path = try? root.currentPath() else { return nil }
        return isPath(directory.path, under: path) || isAlias(directory, under: root) ? path.utf8.count : nil
    }

    /// Whether a bind mount shows what lies below `root` under another path.
    private func isAlias(_ directory: OpenFile, under root: OpenFile) -> Bool {
        guard let mountID = directory.mountID, let rootMountID = root.mountID, mountID != rootMountID,
            (try? FileStatus(of: directory).identity.fileSystem) == (try? FileStatus(of: root).identity.fileSystem)
        else { return false }
        let mounts = Mount.all(inMountinfo: KernelTree.proc.text("self/mountinfo") ?? "")
        guard let place = lies(directory, in: mounts.first { $0.id == mountID }),
            let rootPlace = lies(root, in: mounts.first { $0.id == rootMountID })
        else { return false }
        return isPath(place, under: rootPlace)
    }

    private func lies(_ directory: OpenFile, in mount: Mount?) -> String? {
        (try? directory.currentPath()).flatMap { mount?.placeInFileSystem(of: $0) }
    }
}
