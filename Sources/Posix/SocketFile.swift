// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// The file by which a unix socket is found, remembered by its inode: a later file of the same name is not ours.
struct SocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Takes note of the file that bind(2) has just created, gives it to `group`, and then all of `mode`.
    init(created path: String, mode: UInt32, group: UInt32?) throws(SystemCallError) {
        if let group, lchown(path, uid_t.max, group) != 0 {
            let error = SystemCallError("give to group \(group)", path, .last)
            _ = unlink(path)
            throw error
        }
        guard chmod(path, mode) == 0 else { throw SystemCallError("set the mode of", path, .last) }
        let status = try Self.status(of: path)
        self.path = path
        self.device = status.st_dev
        self.inode = status.st_ino
    }

    func remove() {
        guard let status = try? Self.status(of: path), status.st_dev == device, status.st_ino == inode else { return }
        _ = unlink(path)
    }

    /// Removes what a daemon that crashed has left at `path`: a socket that refuses connections. Anything else that is
    /// there stays, and is an error.
    static func makeRoom(at path: String) throws {
        let address = SocketAddress.unix(path: path)
        try address.check()
        do {
            let status = try status(of: path)
            // connect(2) refuses a regular file with the same error as a stale socket.
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw SocketError.notASocket(path: path) }
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            return try checkDirectory(of: path)
        }
        guard try isStale(address) else { throw SocketError.anotherProcessListens(address: address.description) }
        guard unlink(path) == 0 || Errno.last == .noSuchFileOrDirectory else {
            throw SystemCallError("remove the stale socket", path, .last)
        }
    }

    private static func isStale(_ address: SocketAddress) throws -> Bool {
        // Non-blocking: a daemon whose backlog is full would keep us waiting, and it answers EAGAIN.
        let probe = try Socket(for: address, blocking: false)
        defer { probe.close() }
        do {
            try probe.connect(to: address)
            return false
        } catch let error as SystemCallError {
            switch error.errno {
            case .connectionRefused: return true
            case .resourceTemporarilyUnavailable: return false
            default: throw error
            }
        }
    }

    private static func checkDirectory(of path: String) throws {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        do {
            _ = try status(of: directory + "/.")
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            throw SocketError.directoryMissing(socketPath: path)
        }
    }

    private static func status(of path: String) throws(SystemCallError) -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemCallError("look at", path, .last) }
        return status
    }
}
