// SPDX-License-Identifier: Apache-2.0
import Posix
import SystemPackage

/// The way from a name to what it leads to, component by component, with the directory of every link that lies on it.
/// Each is held as it is found, so no name that changes meanwhile can show another directory.
struct LinkWalk {
    /// What it comes to.
    let end: FileStatus.Identity
    /// Where the links lie, those in the middle of a path among them.
    private(set) var places: [OpenFile] = []

    /// As many as the kernel follows (path_resolution(7)).
    private static let mostLinks = 40

    /// - Throws: `SystemCallError`
    init(from name: String, in directory: OpenFile) throws {
        var here = directory
        var rest = [name[...]]
        while let component = rest.popLast() {
            let found = try here.finding(String(component), followingLink: false)
            guard try FileStatus(of: found).kind == .link else {
                here = found
                continue
            }
            guard places.count < Self.mostLinks else {
                throw SystemCallError("find", found.path, .tooManySymbolicLinkLevels)
            }
            places.append(here)
            let text = try found.linkText()
            if text.utf8.first == UInt8(ascii: "/") { here = try OpenFile.finding(directory: "/") }
            rest += Self.components(of: text).reversed()
        }
        end = try FileStatus(of: here).identity
    }

    /// By bytes: a slash with an accent after it is one to the kernel.
    private static func components(of text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
    }
}

extension OpenFile {
    /// Whether nobody but root makes names in this directory: it lies on devtmpfs, or it is root's, and neither its group
    /// nor others may write to it. A FUSE file system says what its owner wants, so it must be root's, too.
    var isForRootAlone: Bool {
        let mounts = Mount.all(inMountinfo: KernelTree.proc.text("self/mountinfo") ?? "")
        let mount = mountID.flatMap { id in mounts.first { $0.id == id } }
        if mount?.type == "devtmpfs" { return true }
        guard let status = try? FileStatus(of: self), let type = try? FileSystemType(holding: self) else {
            return false
        }
        if type == .fuse, mount?.options.contains("user_id=0") != true { return false }
        return status.owner == 0 && status.permissions & 0o022 == 0
    }
}
