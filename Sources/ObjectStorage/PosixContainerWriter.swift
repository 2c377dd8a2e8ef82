// SPDX-License-Identifier: Apache-2.0
import Glibc
import Posix

/// Writes objects into a directory: under their own names at once, but for a durable one, which is renamed when it is whole.
final class PosixContainerWriter: ContainerWriter {
    private let directory: OpenFile
    private let flush: BackgroundFlush
    private let temporaryPrefix: String
    private static let largeObject = 512 << 10

    /// A temporary name carries its writer, so that leftovers can be told apart, and begins with a dot, so that
    /// no object's prefix does.
    static func temporaryPrefix(of writer: String) -> String { ".tmp-\(writer)-" }

    /// `directory` was opened before the first write: syncfs(2) reports write-back errors since then.
    init(directory: OpenFile, writer: String) throws {
        try checkObjectName(writer)
        self.directory = directory
        flush = try BackgroundFlush(of: directory)
        temporaryPrefix = Self.temporaryPrefix(of: writer)
    }

    func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        try checkObjectName(name)
        try create(name) { file in
            // A small object need not wait for the disk alone: many go together.
            if bytes.count < Self.largeObject {
                try file.write(bytes, at: 0)
                flush.add(bytes.count)
            } else {
                try UncachedFile(file, access: O_WRONLY).write(bytes, at: 0)
            }
        }
    }

    func putZeros(_ name: String, length: Int64) throws {
        try checkObjectName(name)
        try create(name) { try $0.truncate(to: length) }
    }

    func beginStream(_ name: String) throws -> any ObjectStream {
        try checkObjectName(name)
        return try create(name) { PosixObjectStream($0) }
    }

    func putDurably(
        _ name: String, _ write: (_ put: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try checkObjectName(name)
        // The end of a name tells the objects of one backup apart; the whole name might be too long.
        let temporary = temporaryPrefix + String(name.suffix(40))
        try create(temporary) { file in
            try write(PosixObjectStream(file).append)
            try file.synchronize()
            try directory.rename(temporary, to: name)
        }
        do {
            try directory.synchronize()
        } catch {
            _ = try? directory.unlink(name)
            throw error
        }
    }

    func makeDurable() throws { try directory.synchronizeFileSystem() }

    /// Makes a file where there is nothing, and takes it away again when `body` throws.
    private func create<Result>(_ name: String, _ body: (OpenFile) throws -> Result) throws -> Result {
        let file = try OpenFile(
            in: directory, name, O_WRONLY | O_CREAT | O_EXCL, mode: PosixObjectStore.fileMode)
        do {
            // The mode again, for the umask may have taken bits away.
            try systemCall("set the mode of", file.path) { fchmod(file.descriptor, PosixObjectStore.fileMode) }
            return try body(file)
        } catch {
            _ = try? directory.unlink(name)
            throw error
        }
    }
}

/// A file that grows, and that the disk begins to write meanwhile.
private final class PosixObjectStream: ObjectStream {
    private let file: OpenFile
    private var position: Int64 = 0

    init(_ file: OpenFile) { self.file = file }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes, at: position)
        file.startWriteback(at: position, length: Int64(bytes.count))
        position += Int64(bytes.count)
    }
}
