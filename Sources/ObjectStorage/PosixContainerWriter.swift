// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix
import SystemPackage

/// Writes objects into a directory: under their own names at once, but for a durable one, which is renamed when it is whole.
final class PosixContainerWriter: ContainerWriter {
    private let directory: OpenFile
    /// It, and those around it, from the root of the repository on.
    private let directories: [OpenFile]
    private let container: String
    private let durability: Durability
    /// Looks the container up anew, by the path of the repository.
    private let lookUp: @Sendable () throws -> OpenFile?
    /// nil where each object goes to the disk by itself.
    private let flush: BackgroundFlush?
    private let temporaryPrefix: String
    private static let largeObject = 512 << 10

    /// A temporary name carries its writer, so that leftovers can be told apart, and begins with a dot, so that
    /// no object's prefix does.
    static func temporaryPrefix(of writer: String) -> String { ".tmp-\(writer)-" }

    /// - Parameters:
    ///   - directory: The container's, opened before the first write: syncfs(2) reports write-back errors since then.
    ///   - parents: The directories around it, from the root of the repository on.
    ///   - container: As it is named in errors.
    init(
        directory: OpenFile, in parents: [OpenFile], container: String, writer: String, durability: Durability,
        lookUp: @escaping @Sendable () throws -> OpenFile?
    ) throws {
        try checkObjectName(writer)
        self.directory = directory
        directories = parents + [directory]
        self.container = container
        self.durability = durability
        self.lookUp = lookUp
        flush = durability == .together ? try BackgroundFlush(of: directory) : nil
        temporaryPrefix = Self.temporaryPrefix(of: writer)
    }

    // MARK: - Objects

    func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        try checkObjectName(name)
        try make(name) { file in
            // A small object need not wait for the disk alone: many go together.
            if bytes.count < Self.largeObject {
                try file.write(bytes, at: 0)
                if durability == .oneByOne { try file.synchronize() }
                flush?.add(bytes.count)
            } else {
                let uncached = try UncachedFile(file, access: O_WRONLY)
                try uncached.write(bytes, at: 0)
                if durability == .oneByOne { try uncached.synchronize() }
                try uncached.close()
            }
        }
    }

    func putZeros(_ name: String, length: Int64) throws {
        try checkObjectName(name)
        try make(name) { file in
            try file.truncate(to: length)
            if durability == .oneByOne { try file.synchronize() }
        }
    }

    func beginStream(_ name: String) throws -> any ObjectStream {
        try checkObjectName(name)
        return PosixObjectStream(try create(name), durability)
    }

    func putDurably(
        _ name: String, _ write: (_ put: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try checkObjectName(name)
        // The end of a name tells the objects of one backup apart; the whole name might be too long.
        let temporary = temporaryPrefix + String(name.suffix(40))
        try make(temporary) { file in
            try write(PosixObjectStream(file, durability).append)
            try file.synchronize()
        }
        do {
            try directory.rename(temporary, toFree: name)
            try directory.synchronizeDirectory()
        } catch {
            try retract(name, temporary, because: error)
        }
    }

    func makeDurable() throws {
        switch durability {
        case .together: try directory.synchronizeFileSystem()
        // Also those that were there: whoever made them may not have come to this yet.
        case .oneByOne: for directory in directories.reversed() { try directory.synchronizeDirectory() }
        }
    }

    func checkPlace() throws {
        guard let found = try lookUp(), try FileStatus(of: found).identity == FileStatus(of: directory).identity else {
            throw StorageError.containerReplaced(path: directory.path)
        }
    }

    // MARK: - Names

    func forEachName(beginningWith prefix: String, _ body: (String) throws -> Void) throws {
        try directory.forEachName { name in
            if name.utf8.starts(with: prefix.utf8) { try body(name) }
        }
    }

    func storedLength(of name: String) throws -> Int64? {
        guard let status = try FileStatus(in: directory, name) else { return nil }
        guard status.kind == .file else { throw StorageError.notAFile(name: name, container: container) }
        return status.length
    }

    func remove(_ name: String) throws {
        try checkObjectName(name)
        try directory.unlink(name)
    }

    func synchronizeRemovals() throws { try directory.synchronizeDirectory() }

    // MARK: - Files

    /// Makes a file where there is nothing, has `body` fill it, and closes it. It goes again when any of that fails.
    private func make(_ name: String, _ body: (OpenFile) throws -> Void) throws {
        let file = try create(name)
        do {
            try body(file)
            try file.close()
        } catch {
            _ = try? file.close()
            throw discarded(name, because: error)
        }
    }

    private func create(_ name: String) throws -> OpenFile {
        do {
            let file = try OpenFile(
                in: directory, name, O_WRONLY | O_CREAT | O_EXCL, mode: PosixObjectStore.fileMode)
            do {
                try file.setMode(PosixObjectStore.fileMode)
            } catch {
                throw discarded(name, because: error)
            }
            return file
        } catch let error as SystemCallError where error.errno == .fileExists {
            throw StorageError.nameTaken(name: name, container: container)
        }
    }

    /// Removes what there is of an object that could not be made for this reason; answers what is to be thrown.
    private func discarded(_ name: String, because reason: any Error) -> any Error {
        do {
            try directory.unlink(name)
            return reason
        } catch {
            return UnremovedObject(name: name, reason: reason, removal: error)
        }
    }

    /// Undoes a rename that may have taken effect although it failed, or that is not durable, and throws the reason.
    private func retract(_ name: String, _ temporary: String, because reason: any Error) throws -> Never {
        let isTaken = (reason as? SystemCallError)?.errno == .fileExists
        do {
            // While the temporary name is there, nothing has happened.
            if try !directory.unlink(temporary) {
                guard !isTaken else { throw reason }
                try directory.unlink(name)
                try directory.synchronizeDirectory()
            }
        } catch {
            throw StorageError.mayBeStored(name: name, container: container, reason: "\(reason)")
        }
        throw isTaken ? StorageError.nameTaken(name: name, container: container) : reason
    }
}
