// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage

/// Finds the objects of a directory.
struct PosixContainerReader: ContainerReader {
    /// nil when there is none.
    let directory: OpenFile?
    /// As it is named in errors.
    let container: String

    func open(_ name: String) throws -> any ObjectReader {
        try checkObjectName(name)
        guard let directory else { throw StorageError.objectNotFound(name: name, container: container) }
        do {
            let file = try OpenFile(in: directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let status = try FileStatus(of: file)
            guard status.kind == .file else { throw StorageError.notAFile(name: name, container: container) }
            return PosixObjectReader(file, length: status.length)
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            throw StorageError.objectNotFound(name: name, container: container)
        } catch let error as SystemCallError where error.errno == .tooManySymbolicLinkLevels {
            throw StorageError.notAFile(name: name, container: container)
        }
    }

    func storedLength(of name: String) throws -> Int64 {
        try checkObjectName(name)
        guard let directory else { throw StorageError.objectNotFound(name: name, container: container) }
        do {
            let status = try FileStatus(of: name, in: directory)
            guard status.kind == .file else { throw StorageError.notAFile(name: name, container: container) }
            return status.length
        } catch let error as SystemCallError where error.errno == .noSuchFileOrDirectory {
            throw StorageError.objectNotFound(name: name, container: container)
        }
    }
}
