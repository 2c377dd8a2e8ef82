// SPDX-License-Identifier: Apache-2.0
import ObjectStorage
import Synchronization

/// A store in which something goes wrong: operations that fail, objects that come back damaged.
package final class FaultyObjectStore: ObjectStore {
    package enum Operation: Sendable, CaseIterable {
        case openForWriting, put, beginStream, writePiece, finishStream, makeDurable, checkPlace
        case look, lookedAtName, storedLength, putDurably, remove, synchronizeRemovals
        case open, read, list, listedName
        case delete, deleteLeftovers, removeContainer, synchronize, synchronizeObject
    }

    /// Which operation fails: the `number`th (from 0) of `operations`, and all that follow when `forever`.
    package struct Fault: Sendable {
        package var operations: Set<Operation>
        package var number: Int
        package var forever: Bool
        package var error: any Error

        package init(
            _ operations: Set<Operation> = Set(Operation.allCases), number: Int, forever: Bool = false,
            error: any Error = StorageFault()
        ) {
            self.operations = operations
            self.number = number
            self.forever = forever
            self.error = error
        }
    }

    private let base: any ObjectStore
    private let fault: Fault?
    private let damage: [String: @Sendable (inout [UInt8]) -> Void]
    private let log = Mutex<[Operation]>([])

    /// - Parameter damage: What becomes of the bytes of an object, by its name, when it is read.
    package init(
        _ base: any ObjectStore, fault: Fault? = nil,
        damage: [String: @Sendable (inout [UInt8]) -> Void] = [:]
    ) {
        self.base = base
        self.fault = fault
        self.damage = damage
    }

    /// The operations so far, those that failed included.
    package var operations: [Operation] { log.withLock { $0 } }

    private func meet(_ operation: Operation) throws {
        let number = log.withLock { log in
            log.append(operation)
            guard let fault, fault.operations.contains(operation) else { return -1 }
            return log.count { fault.operations.contains($0) } - 1
        }
        if let fault, number == fault.number || fault.forever && number > fault.number { throw fault.error }
    }

    package func openForWriting(_ container: String, writer: String) throws -> any ContainerWriter {
        try meet(.openForWriting)
        return Writer(store: self, base: try base.openForWriting(container, writer: writer))
    }

    package func openForReading(_ container: String) throws -> any ContainerReader {
        Container(store: self, base: try base.openForReading(container))
    }

    private func read(_ name: String, from container: any ContainerReader) throws -> any ObjectReader {
        try meet(.open)
        let reader = try container.open(name)
        guard let damage = damage[name] else { return Reader(store: self, base: reader) }
        var bytes = [UInt8](repeating: 0, count: Int(reader.length))
        _ = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
        damage(&bytes)
        return Reader(store: self, base: MemoryObjectReader(bytes))
    }

    package func forEachName(
        in container: String, beginningWith prefix: String, _ body: (String) throws -> Void
    ) throws {
        try meet(.list)
        try base.forEachName(in: container, beginningWith: prefix) { name in
            try meet(.listedName)
            try body(name)
        }
    }

    package func delete(_ name: String, from container: String) throws {
        try meet(.delete)
        try base.delete(name, from: container)
    }

    package func deleteLeftovers(of writer: String, in container: String) throws {
        try meet(.deleteLeftovers)
        try base.deleteLeftovers(of: writer, in: container)
    }

    package func removeIfEmpty(_ container: String) throws {
        try meet(.removeContainer)
        try base.removeIfEmpty(container)
    }

    package func synchronize(_ container: String) throws {
        try meet(.synchronize)
        try base.synchronize(container)
    }

    package func synchronize(_ name: String, in container: String) throws {
        try meet(.synchronizeObject)
        try base.synchronize(name, in: container)
    }

    package func forEachContainer(_ body: (String) throws -> Void) throws {
        try meet(.list)
        try base.forEachContainer { container in
            try meet(.listedName)
            try body(container)
        }
    }

    private final class Writer: ContainerWriter {
        let store: FaultyObjectStore
        let base: any ContainerWriter

        init(store: FaultyObjectStore, base: any ContainerWriter) {
            self.store = store
            self.base = base
        }

        func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
            try store.meet(.put)
            try base.put(name, bytes)
        }

        func putZeros(_ name: String, length: Int64) throws {
            try store.meet(.put)
            try base.putZeros(name, length: length)
        }

        func beginStream(_ name: String) throws -> any ObjectStream {
            try store.meet(.beginStream)
            return Stream(store: store, base: try base.beginStream(name))
        }

        func putDurably(
            _ name: String, _ write: (_ put: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
        ) throws {
            try store.meet(.putDurably)
            try base.putDurably(name) { put in
                try write { piece in
                    try self.store.meet(.writePiece)
                    try put(piece)
                }
            }
        }

        func makeDurable() throws {
            try store.meet(.makeDurable)
            try base.makeDurable()
        }

        func checkPlace() throws {
            try store.meet(.checkPlace)
            try base.checkPlace()
        }

        func forEachName(beginningWith prefix: String, _ body: (String) throws -> Void) throws {
            try store.meet(.look)
            try base.forEachName(beginningWith: prefix) { name in
                try store.meet(.lookedAtName)
                try body(name)
            }
        }

        func storedLength(of name: String) throws -> Int64? {
            try store.meet(.storedLength)
            return try base.storedLength(of: name)
        }

        func remove(_ name: String) throws {
            try store.meet(.remove)
            try base.remove(name)
        }

        func synchronizeRemovals() throws {
            try store.meet(.synchronizeRemovals)
            try base.synchronizeRemovals()
        }
    }

    private final class Stream: ObjectStream {
        let store: FaultyObjectStore
        let base: any ObjectStream

        init(store: FaultyObjectStore, base: any ObjectStream) {
            self.store = store
            self.base = base
        }

        func append(_ bytes: UnsafeRawBufferPointer) throws {
            try store.meet(.writePiece)
            try base.append(bytes)
        }

        func finish() throws {
            try store.meet(.finishStream)
            try base.finish()
        }
    }

    private struct Container: ContainerReader {
        let store: FaultyObjectStore
        let base: any ContainerReader

        func open(_ name: String) throws -> any ObjectReader { try store.read(name, from: base) }

        func storedLength(of name: String) throws -> Int64 { try open(name).length }
    }

    private final class Reader: ObjectReader {
        let store: FaultyObjectStore
        let base: any ObjectReader

        init(store: FaultyObjectStore, base: any ObjectReader) {
            self.store = store
            self.base = base
        }

        var length: Int64 { base.length }

        func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
            try store.meet(.read)
            return try base.read(into: bytes)
        }
    }
}
