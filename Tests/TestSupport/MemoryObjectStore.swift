// SPDX-License-Identifier: Apache-2.0
import ObjectStorage
import Synchronization

/// A repository in memory, with the rules of every other.
package final class MemoryObjectStore: ObjectStore {
    /// Objects by name, by container.
    private let containers = Mutex<[String: [String: [UInt8]]]>([:])

    package init() {}

    package func openForWriting(_ container: String, writer: String) throws -> any ContainerWriter {
        _ = try ContainerPath(container)
        try checkObjectName(writer)
        containers.withLock { $0[container] = $0[container] ?? [:] }
        return Writer(store: self, container: container)
    }

    package func openForReading(_ container: String) throws -> any ContainerReader {
        _ = try ContainerPath(container)
        return Reader(store: self, container: container)
    }

    package func forEachName(
        in container: String, beginningWith prefix: String, _ body: (String) throws -> Void
    ) throws {
        for name in try names(in: container).shuffled() where name.utf8.starts(with: prefix.utf8) { try body(name) }
    }

    package func delete(_ name: String, from container: String) throws {
        try put(nil, name, container)
    }

    package func deleteLeftovers(of writer: String, in container: String) throws {
        _ = try ContainerPath(container)
    }

    package func removeIfEmpty(_ container: String) throws {
        _ = try ContainerPath(container)
        containers.withLock { if $0[container]?.isEmpty == true { $0[container] = nil } }
    }

    package func synchronize(_ container: String) throws {
        _ = try ContainerPath(container)
    }

    package func synchronize(_ name: String, in container: String) throws {
        guard try self[name, in: container] != nil else {
            throw StorageError.objectNotFound(name: name, container: container)
        }
    }

    package func forEachContainer(_ body: (String) throws -> Void) throws {
        for container in containers.withLock({ $0.keys.shuffled() }) { try body(container) }
    }

    private final class Writer: ContainerWriter {
        let store: MemoryObjectStore
        let container: String

        init(store: MemoryObjectStore, container: String) {
            self.store = store
            self.container = container
        }

        func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
            try add(Array(bytes), name)
        }

        func putZeros(_ name: String, length: Int64) throws {
            try add([UInt8](repeating: 0, count: Int(length)), name)
        }

        private func add(_ object: [UInt8], _ name: String) throws {
            try checkObjectName(name)
            try store.add(object, name, container)
        }

        func beginStream(_ name: String) throws -> any ObjectStream {
            try add([], name)
            return Stream { try self.store.append($0, to: name, self.container) }
        }

        func putDurably(
            _ name: String, _ write: (_ put: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
        ) throws {
            try checkObjectName(name)
            let object = Mutex<[UInt8]>([])
            try write { piece in object.withLock { $0.append(contentsOf: piece) } }
            try add(object.withLock { $0 }, name)
        }

        func makeDurable() {}

        func checkPlace() {}

        func forEachName(beginningWith prefix: String, _ body: (String) throws -> Void) throws {
            try store.forEachName(in: container, beginningWith: prefix, body)
        }

        func storedLength(of name: String) throws -> Int64? { try store[name, in: container].map { Int64($0.count) } }

        func remove(_ name: String) throws { try store.put(nil, name, container) }

        func synchronizeRemovals() {}
    }

    private final class Stream: ObjectStream {
        let body: (UnsafeRawBufferPointer) throws -> Void

        init(_ body: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.body = body }

        func append(_ bytes: UnsafeRawBufferPointer) throws { try body(bytes) }

        func finish() {}
    }

    private func add(_ bytes: [UInt8], _ name: String, _ container: String) throws {
        try containers.withLock { containers in
            guard containers[container]?[name] == nil else {
                throw StorageError.nameTaken(name: name, container: container)
            }
            containers[container, default: [:]][name] = bytes
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to name: String, _ container: String) throws {
        try containers.withLock { containers in
            guard containers[container]?[name]?.append(contentsOf: bytes) != nil else { throw StorageFault() }
        }
    }
}

// MARK: - For tests

private struct Reader: ContainerReader {
    let store: MemoryObjectStore
    let container: String

    func storedLength(of name: String) throws -> Int64 { try open(name).length }

    func open(_ name: String) throws -> any ObjectReader {
        guard let bytes = try store[name, in: container] else {
            throw StorageError.objectNotFound(name: name, container: container)
        }
        return MemoryObjectReader(bytes)
    }
}

extension MemoryObjectStore {
    /// The bytes of an object; nil where there is none.
    package subscript(name: String, in container: String) -> [UInt8]? {
        get throws {
            _ = try ContainerPath(container)
            try checkObjectName(name)
            return containers.withLock { $0[container]?[name] }
        }
    }

    /// Puts an object, or removes one, past the checks on who may write.
    package func put(_ bytes: [UInt8]?, _ name: String, _ container: String) throws {
        _ = try ContainerPath(container)
        try checkObjectName(name)
        containers.withLock { containers in
            if bytes == nil, containers[container] == nil { return }
            containers[container, default: [:]][name] = bytes
        }
    }

    package func names(in container: String) throws -> [String] {
        _ = try ContainerPath(container)
        return containers.withLock { ($0[container] ?? [:]).keys.sorted() }
    }

    package func hasContainer(_ container: String) -> Bool { containers.withLock { $0[container] != nil } }

    /// Everything in it, to compare.
    package var contents: [String: [String: [UInt8]]] { containers.withLock { $0 } }

    /// Another store with the same objects.
    package func copy() -> MemoryObjectStore {
        let copy = MemoryObjectStore()
        let contents = self.contents
        copy.containers.withLock { $0 = contents }
        return copy
    }
}
