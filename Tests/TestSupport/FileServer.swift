// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Glibc
import Synchronization

/// The far end of the kernel's FUSE protocol (linux/fuse.h, 7.31), as far as one directory of files needs it.
///
/// `@unchecked Sendable`, because the files are touched on the thread of `run` only.
final class FileServer: @unchecked Sendable {
    private enum Mode { case serving, holding, over }

    private enum Operation: UInt32 {
        case lookup = 1, forget, getattr, setattr, open = 14, read, write, statfs, release, fsync = 20
        case initialise = 26, opendir, releasedir = 29, create = 35, interrupt, batchForget = 42
    }

    private struct Failure: Error { let errno: Int32 }

    private static let headerBytes = 40
    private let device: Int32
    private let mode = Mutex(Mode.serving)
    private let isWanted = DispatchSemaphore(value: 0)
    /// Once a file has been read so far, nothing more is answered.
    private let lastOffset = Mutex<Int?>(nil)
    private var names: [String]
    private var contents: [[UInt8]]

    /// Takes the open device over.
    init(_ device: Int32, _ files: [String: [UInt8]]) {
        self.device = device
        names = files.keys.sorted()
        contents = names.map { files[$0] ?? [] }
    }

    /// When this returns, nothing is answered any more. Requests stay in the kernel, which can then still end those who
    /// wait for them.
    func hold() { set(.holding) }

    /// Whether there are requests that it does not take.
    var isAwaited: Bool {
        guard mode.withLock({ $0 == .holding }) else { return false }
        var event = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, 0) == 1
    }

    func hold(afterReadingTo offset: Int) { lastOffset.withLock { $0 = offset } }

    func goOn() {
        lastOffset.withLock { $0 = nil }
        set(.serving)
    }

    /// Closes the device: everything that waits fails.
    func end() { set(.over) }

    private func set(_ new: Mode) {
        mode.withLock { if $0 != .over { $0 = new } }
        isWanted.signal()
    }

    func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 << 20, alignment: 16)
        defer {
            close(device)
            buffer.deallocate()
        }
        while true {
            let (mode, count) = mode.withLock { mode in
                (mode, mode == .serving ? Glibc.read(device, buffer.baseAddress, buffer.count) : 0)
            }
            switch mode {
            case .over: return
            case .holding: isWanted.wait()
            case .serving where count >= Self.headerBytes:
                answer(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .serving:
                var event = pollfd(fd: device, events: Int16(POLLIN), revents: 0)
                poll(&event, 1, 10)
            }
        }
    }

    private func answer(_ request: UnsafeRawBufferPointer) {
        let operation = Operation(rawValue: request.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        if [.forget, .batchForget, .interrupt].contains(operation) { return }
        let node = request.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        let body = UnsafeRawBufferPointer(rebasing: request[Self.headerBytes...])
        let result = Result { try self.result(of: operation, on: node, body) }
        let (errno, answer): (Int32, [UInt8]) =
            switch result {
            case .success(let answer): (0, answer)
            case .failure(let error): ((error as? Failure)?.errno ?? EIO, [])
            }
        let unique = request.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let bytes = Self.bytes(UInt32(16 + answer.count)) + Self.bytes(-errno) + Self.bytes(unique) + answer
        _ = bytes.withUnsafeBytes { Glibc.write(device, $0.baseAddress, $0.count) }
    }

    private func result(
        of operation: Operation?, on node: UInt64, _ body: UnsafeRawBufferPointer
    ) throws -> [UInt8] {
        switch operation {
        case .initialise:
            let (background, congestion, timeGranularity) = (UInt16(16), UInt16(12), UInt32(1))
            return Self.words(7, 31, body.loadUnaligned(fromByteOffset: 8, as: UInt32.self), 0)
                + Self.bytes(background) + Self.bytes(congestion) + Self.words(128 << 10, timeGranularity)
                + [UInt8](repeating: 0, count: 32)
        case .lookup: return entry(try index(of: Self.name(body)))
        case .create:
            let name = Self.name(UnsafeRawBufferPointer(rebasing: body[16...]))
            names.append(name)
            contents.append([])
            return entry(names.count - 1) + [UInt8](repeating: 0, count: 16)
        case .getattr: return Self.longs(0, 0) + (try attributes(node))
        case .setattr:
            if body.loadUnaligned(fromByteOffset: 0, as: UInt32.self) & 8 != 0 {
                resize(try file(node), Int(body.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
            }
            return Self.longs(0, 0) + (try attributes(node))
        // FOPEN_DIRECT_IO: no page cache and nothing read ahead, so who waits for a read is who reads.
        case .open: return Self.longs(0) + Self.words(1, 0)
        case .opendir: return Self.longs(0, 0)
        case .read:
            let (file, offset, count) = (try file(node), Self.offset(body), Self.count(body))
            if let last = lastOffset.withLock({ $0 }), offset + count >= last { hold() }
            return Array(contents[file].dropFirst(offset).prefix(count))
        case .write:
            let (file, offset, count) = (try file(node), Self.offset(body), Self.count(body))
            resize(file, max(contents[file].count, offset + count))
            contents[file].replaceSubrange(offset..<offset + count, with: body[Self.headerBytes...].prefix(count))
            return Self.words(UInt32(count), 0)
        case .statfs:
            return Self.longs(1 << 20, 1 << 20, 1 << 20, 1000, 1000) + Self.words(4096, 255, 4096, 0)
                + [UInt8](repeating: 0, count: 24)
        case .release, .releasedir, .fsync: return []
        // FLUSH among them, which the kernel then leaves out: not even a fatal signal would end who waits for it.
        default: throw Failure(errno: ENOSYS)
        }
    }
}

/// The files: the root is node 1, they follow.
extension FileServer {
    private func index(of name: String) throws -> Int {
        guard let index = names.firstIndex(of: name) else { throw Failure(errno: ENOENT) }
        return index
    }

    private func file(_ node: UInt64) throws -> Int {
        guard node > 1, node - 2 < contents.count else { throw Failure(errno: EISDIR) }
        return Int(node - 2)
    }

    private func resize(_ file: Int, _ count: Int) {
        let missing = count - contents[file].count
        missing > 0 ? contents[file] += [UInt8](repeating: 0, count: missing) : contents[file].removeLast(-missing)
    }

    /// Nothing is valid for longer than the answer.
    private func entry(_ file: Int) -> [UInt8] {
        Self.longs(UInt64(file) + 2, 0, 0, 0, 0) + ((try? attributes(UInt64(file) + 2)) ?? [])
    }

    private func attributes(_ node: UInt64) throws -> [UInt8] {
        let isRoot = node == 1
        let size = isRoot ? 0 : UInt64(contents[try file(node)].count)
        let mode: UInt32 = isRoot ? S_IFDIR | 0o755 : S_IFREG | 0o644
        return Self.longs(node, size, (size + 511) / 512, 0, 0, 0) + Self.words(0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
    }
}

/// The protocol's numbers.
extension FileServer {
    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }

    private static func words(_ values: UInt32...) -> [UInt8] { values.flatMap { bytes($0) } }

    private static func longs(_ values: UInt64...) -> [UInt8] { values.flatMap { bytes($0) } }

    private static func name(_ body: UnsafeRawBufferPointer) -> String {
        String(decoding: body.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func offset(_ body: UnsafeRawBufferPointer) -> Int {
        Int(body.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    private static func count(_ body: UnsafeRawBufferPointer) -> Int {
        Int(body.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }
}
