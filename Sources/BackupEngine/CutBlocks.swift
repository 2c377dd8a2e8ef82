// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Blocks of a volume that come from several objects, which no backup driver writes. They can be checked only when all
/// of them is written.
final class CutBlocks: Sendable {
    private let blocks = Mutex<Set<Int>>([])
    private static let limit = 1 << 16

    /// In ascending order.
    var all: [Int] { blocks.withLock { $0.sorted() } }

    /// False when they are too many to be remembered.
    func add(_ more: [Int]) -> Bool {
        more.isEmpty
            || blocks.withLock { blocks in
                blocks.formUnion(more)
                return blocks.count <= Self.limit
            }
    }
}
