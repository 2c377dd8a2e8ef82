// SPDX-License-Identifier: Apache-2.0
import ObjectStorage
import Synchronization

/// The containers that a restore reads from, opened when one of their objects is wanted. Some stay open for the objects that
/// follow, but never more than a chain may have: each takes a descriptor.
final class OpenContainers: Sendable {
    private let store: any ObjectStore
    private let containers = Mutex<[String: any ContainerReader]>([:])
    private static let limit = 32

    init(_ store: any ObjectStore) { self.store = store }

    /// - Throws: `StorageError`, `SystemCallError`.
    func open(_ name: String, in container: String) throws -> any ObjectReader {
        if let open = containers.withLock({ $0[container] }) { return try open.open(name) }
        // Not under the lock: it may take long.
        let opened = try store.openForReading(container)
        containers.withLock { containers in
            // The layers come one after the other: what was open is hardly wanted again.
            if containers.count >= Self.limit { containers = [:] }
            containers[container] = opened
        }
        return try opened.open(name)
    }
}
