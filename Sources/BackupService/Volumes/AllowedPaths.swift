// SPDX-License-Identifier: Apache-2.0
import Posix

/// The directories under which volumes may lie: `volumes.directory` and `volumes.allowed_paths`.
struct AllowedPaths: Sendable {
    private let paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    /// Finds the directory of a volume. It is the directory that was checked, and stays it: what is then looked up in
    /// it cannot be led elsewhere by a link that changes.
    /// - Throws: `ServiceError.pathNotAllowed`, `SystemCallError`
    func directory(of source: SourcePath) throws -> OpenFile {
        let directory = try OpenFile.finding(directory: source.directory)
        // First those that look like it: the others may lie on disks that do not answer.
        let likely = paths.filter { isPath(directory.path, under: $0) }
        guard (likely + paths).contains(where: { lies(directory.path, under: $0) }) else {
            throw ServiceError.pathNotAllowed(source.directory + "/" + source.name, allowed: paths)
        }
        return directory
    }

    /// The allowed path is resolved anew each time: /dev/vg0 comes and goes with the volume group.
    private func lies(_ directory: String, under allowed: String) -> Bool {
        guard let root = try? OpenFile.finding(directory: allowed) else { return false }
        return isPath(directory, under: root.path)
    }
}

/// Whether `path` is `root` or lies below it, component by component. Both are resolved.
func isPath(_ path: String, under root: String) -> Bool {
    if root.utf8.elementsEqual("/".utf8) { return true }
    guard path.utf8.starts(with: root.utf8) else { return false }
    let rest = path.utf8.dropFirst(root.utf8.count)
    return rest.isEmpty || rest.first == UInt8(ascii: "/")
}
