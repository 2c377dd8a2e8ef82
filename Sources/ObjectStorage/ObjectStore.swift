// SPDX-License-Identifier: Apache-2.0

/// Where objects are kept: containers that hold objects by name.
///
/// Names and containers come from records and clients; a store refuses those that could lead elsewhere.
package protocol ObjectStore: Sendable {
    /// Makes the container where there is none, and opens it for the objects of one backup.
    func openForWriting(_ container: String, writer: String) throws -> any ContainerWriter

    /// Opens the container for reading; one that does not exist holds no objects.
    func openForReading(_ container: String) throws -> any ContainerReader

    /// Calls `body` with each name in the container that begins with `prefix`, in no particular order. A
    /// container that does not exist holds no names.
    func forEachName(in container: String, beginningWith prefix: String, _ body: (String) throws -> Void) throws

    /// Calls `body` with the name of every container, in no particular order.
    func forEachContainer(_ body: (String) throws -> Void) throws

    /// Removes an object; one that is not there is no error.
    func delete(_ name: String, from container: String) throws

    /// Removes what an interrupted writer of that name left unfinished in the container.
    func deleteLeftovers(of writer: String, in container: String) throws

    /// Removes the container, and the ones around it, as far as they are empty.
    func removeIfEmpty(_ container: String) throws

    /// Makes the removals so far durable.
    func synchronize(_ container: String) throws

    /// Makes one object durable, and the names that lead to it from the root of the store on.
    /// - Throws: `StorageError.objectNotFound` when there is none.
    func synchronize(_ name: String, in container: String) throws
}

extension ObjectStore {
    /// Opens one object for reading, as `ContainerReader.open` does.
    package func open(_ name: String, in container: String) throws -> any ObjectReader {
        try openForReading(container).open(name)
    }
}

/// Reads the objects of one container, from any thread.
package protocol ContainerReader: Sendable {
    /// Opens an object for reading from its start. Throws `StorageError.objectNotFound` when there is none.
    func open(_ name: String) throws -> any ObjectReader

    /// Bytes of an object as stored, without a look into it. Throws `StorageError.objectNotFound` when there is none,
    /// `notAFile` for what is no object.
    func storedLength(of name: String) throws -> Int64
}

/// Writes the objects of one backup. `put` may be called from several threads.
///
/// Names must be free: one that is taken is `StorageError.nameTaken`, and what has it stays as it is. Nothing is left of what
/// throws, else it throws `UnremovedObject`. When the process dies, a part of an object may be left under its name, but never
/// of one that is put durably.
package protocol ContainerWriter: Sendable {
    /// Stores a whole object. It is durable only after `makeDurable`.
    func put(_ name: String, _ bytes: UnsafeRawBufferPointer) throws

    /// Stores an object of `length` zeros.
    func putZeros(_ name: String, length: Int64) throws

    /// Makes an empty object that grows piece by piece. It is durable only after its `finish` and `makeDurable`; whoever
    /// does not bring it to its end leaves a part of it.
    func beginStream(_ name: String) throws -> any ObjectStream

    /// Stores an object piece by piece: `write` calls its argument with each piece. The object appears under its name when
    /// it is whole, and is on stable storage when this returns.
    /// - Throws: `StorageError.mayBeStored` when it may have appeared, or may yet, and that could not be undone.
    func putDurably(
        _ name: String, _ write: (_ put: @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws

    /// Returns when all that was put and streamed so far is on stable storage; throws when any of it may not be.
    func makeDurable() throws

    /// Makes sure that what is found under the container's name now is the container that this writer writes to.
    /// - Throws: `StorageError.containerReplaced`.
    func checkPlace() throws

    /// Calls `body` with each name in the container that begins with `prefix`, in no particular order.
    func forEachName(beginningWith prefix: String, _ body: (String) throws -> Void) throws

    /// Bytes of an object as stored; nil where there is none.
    func storedLength(of name: String) throws -> Int64?

    /// Removes an object that this writer has made, from the very container that it wrote to, whatever lies under that
    /// name by now. One that is not there is no error.
    func remove(_ name: String) throws

    /// Makes the removals so far durable.
    func synchronizeRemovals() throws
}

/// An object that is made piece by piece, by one thread at a time.
package protocol ObjectStream: AnyObject {
    func append(_ bytes: UnsafeRawBufferPointer) throws

    /// Nothing follows. What is wrong with the pieces so far may be told only now.
    func finish() throws
}

/// Reads one object as a stream.
package protocol ObjectReader: AnyObject {
    /// Bytes as stored.
    var length: Int64 { get }

    /// Fills the buffer from the front; fewer bytes than its size only at the end of the object.
    func read(into bytes: UnsafeMutableRawBufferPointer) throws -> Int
}
