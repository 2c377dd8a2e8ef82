// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How many bytes the engine has moved since it began, of all jobs together.
package final class Traffic: Sendable {
    private let read = Atomic<Int64>(0)
    private let zero = Atomic<Int64>(0)
    private let stored = Atomic<Int64>(0)
    private let restored = Atomic<Int64>(0)

    package init() {}

    /// Read from volumes; holes are not read.
    package var readBytes: Int64 { read.load(ordering: .relaxed) }
    /// Blocks of volumes that were holes or found to be zero: neither hashed nor packed.
    package var zeroBytes: Int64 { zero.load(ordering: .relaxed) }
    /// Of data objects, as they are stored.
    package var storedBytes: Int64 { stored.load(ordering: .relaxed) }
    /// Of volumes that restores have brought back, zeros included.
    package var restoredBytes: Int64 { restored.load(ordering: .relaxed) }

    func addRead(_ bytes: Int64) { read.add(bytes, ordering: .relaxed) }
    func addZero(_ bytes: Int64) { zero.add(bytes, ordering: .relaxed) }
    func addStored(_ bytes: Int64) { stored.add(bytes, ordering: .relaxed) }
    func addRestored(_ bytes: Int64) { restored.add(bytes, ordering: .relaxed) }
}
