// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Objects of a restore that nobody has begun yet, in the order of the map. Any thread may take the next one.
final class RestoreQueue: Sendable {
    private struct State {
        var cursor: SpoolCursor<MappedObject>
        var left: Int
    }

    /// Whether something older may have been written where these objects belong.
    let overwrites: Bool
    private let state: Mutex<State>

    init(_ objects: Spool<MappedObject>, _ range: Range<Int>, overwrites: Bool) {
        self.overwrites = overwrites
        state = Mutex(State(cursor: SpoolCursor(objects, range), left: range.count))
    }

    var isEmpty: Bool { state.withLock { $0.left == 0 } }

    /// nil when all have been taken.
    func next() throws -> MappedObject? {
        try state.withLock { state in
            guard let object = try state.cursor.next() else { return nil }
            state.left -= 1
            return object
        }
    }
}
